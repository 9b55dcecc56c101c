#include "store/aws/ini_file.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

constexpr std::string_view blanks = " \t\r\n";  // as trimmed() has them

bool is_blank(char c) noexcept { return blanks.find(c) != std::string_view::npos; }
bool begins_comment(char c) noexcept { return c == '#' || c == ';'; }

class IniParser {
 public:
  explicit IniParser(const std::string& path) : path_(path) {}

  IniSections parse(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // as some editors write it
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      ++line_;
      take(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    return std::move(sections_);
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw InvalidArgument(fmt::format("{}, line {}: {}", path_, line_, what));
  }

  void take(std::string_view line) {
    const std::string_view content = trimmed(line);
    if (content.empty() || begins_comment(content.front())) return;
    if (content.find('\0') != std::string_view::npos) fail("a zero byte: this is no text file");
    const std::size_t indent = line.find_first_not_of(blanks);
    if (section_ != nullptr && !key_.empty() && indent > key_indent_) {
      take_continuation(content);
    } else if (content.front() == '[') {
      take_header(content);
    } else {
      take_property(content, indent);
    }
  }

  void take_header(std::string_view content) {
    const std::size_t end = content.find(']');
    if (end == std::string_view::npos) fail("a section begins with '[' but has no ']'");
    const std::string_view rest = trimmed(content.substr(end + 1));
    if (!rest.empty() && !begins_comment(rest.front())) fail("there is text behind the ']'");
    const std::string_view name = trimmed(content.substr(1, end - 1));
    if (name.empty()) fail("a section has no name");
    section_ = &sections_[std::string(name)];
    key_.clear();
  }

  void take_property(std::string_view content, std::size_t indent) {
    if (section_ == nullptr) fail("a setting stands before the first [section]");
    const std::size_t delimiter = content.find_first_of("=:");
    if (delimiter == std::string_view::npos) fail("neither a [section] nor \"key = value\"");
    key_ = to_lower(trimmed(content.substr(0, delimiter)));
    if (key_.empty()) fail("there is no key before the '='");
    key_indent_ = indent;
    section_->nested.erase(key_);
    section_->values[key_] = trimmed(content.substr(delimiter + 1));
  }

  void take_continuation(std::string_view content) {
    const auto value = section_->values.find(key_);
    if (value != section_->values.end() && !value->second.empty() &&
        !begins_comment(value->second.front())) {
      value->second += '\n';
      value->second += content;
      return;
    }
    const std::size_t delimiter = content.find('=');
    if (delimiter == std::string_view::npos) fail("a nested setting is not \"key = value\"");
    const std::string name = to_lower(trimmed(content.substr(0, delimiter)));
    if (name.empty()) fail("there is no key before the '='");
    if (value != section_->values.end()) section_->values.erase(value);
    section_->nested[key_][name] = trimmed(content.substr(delimiter + 1));
  }

  const std::string& path_;
  std::size_t line_ = 0;
  IniSections sections_{};
  IniSection* section_ = nullptr;  // the one that is being read; maps keep their elements in place
  std::string key_{};              // the last one of this section
  std::size_t key_indent_ = 0;
};

}  // namespace

IniSections parse_ini(std::string_view text, const std::string& path) {
  return IniParser(path).parse(text);
}

std::string_view without_comment(std::string_view value) noexcept {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (begins_comment(value[i]) && (i == 0 || is_blank(value[i - 1]))) {
      return trimmed(value.substr(0, i));
    }
  }
  return value;
}

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && std::string_view(" \t\r\n").find(c) != std::string_view::npos) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
      in_word = true;
    } else if (c == quote && quote != '\0') {
      quote = '\0';
    } else if (c == '\\' && quote != '\'') {
      if (i + 1 == text.size()) return std::nullopt;
      const char next = text[++i];
      if (quote == '"' && next != '"' && next != '\\') word += c;
      word += next;
      in_word = true;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') return std::nullopt;
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace flashflood

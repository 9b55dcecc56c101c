#include "query/matcher.h"

#include <algorithm>

#include "base/text.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

// Documents scanned as one: the tokens found stay in the processor's nearest cache.
constexpr std::ptrdiff_t group_bytes_max = std::ptrdiff_t{8} << 10;
// What has held something big gives the memory back when small documents follow.
constexpr std::size_t kept_bytes_max = std::size_t{4} << 20;

// Whether a document ends with a token of one byte that nothing can continue. Then it is read where
// it lies, and another one may follow at once.
bool is_enclosed(std::string_view document) {
  if (document.size() < 2) return false;
  return (document.front() == '{' && document.back() == '}') ||
         (document.front() == '[' && document.back() == ']');
}

}  // namespace

Matcher::Matcher() : subject_(Limits{}.depth_max) {}

void Matcher::begin(const Question& question, std::span<const std::string_view> documents) {
  question_ = &question;
  documents_ = documents;
  next_ = 0;
  group_end_ = 0;
  group_text_ = nullptr;
}

Matcher::Verdict Matcher::next(std::string& out) {
  if (next_ == group_end_) open_group();
  std::string_view document = documents_[next_++];
  if (!take_from_group(document)) take_alone(document);
  const std::size_t size = out.size();
  try {
    return judge(out);
  } catch (const QueryError&) {
    out.resize(size);
    throw;
  }
}

Matcher::Verdict Matcher::judge(std::string& out) {
  if (question_->strict && !subject_.check()) return Verdict::not_json;
  if (question_->where) {
    switch (subject_.test(*question_->where->program())) {
      case Subject::Truth::no:
        return Verdict::filtered;
      case Subject::Truth::not_json:
        return Verdict::not_json;
      case Subject::Truth::yes:
        break;
    }
  }
  if (!question_->query) return subject_.check() ? Verdict::kept : Verdict::not_json;
  const Program& query = *question_->query->program();
  if (!subject_.check_for(query)) return Verdict::not_json;
  return subject_.append(query, out) ? Verdict::kept : Verdict::filtered;
}

std::string Matcher::problem() const {
  // As if it were read by itself: who asks wants to find the byte in the document.
  Document document;
  if (document.parse(documents_[next_ - 1])) return {};
  return std::string(document.problem());
}

// Gathers the documents that lie behind one another from the next one on, and scans them as one
// text. At least one document is in the group. The text is not looked at before it is scanned: the
// scan is what brings it into the cache.
void Matcher::open_group() {
  group_text_ = nullptr;
  const char* const begin = documents_[next_].data();
  const char* end = begin + documents_[next_].size();
  for (group_end_ = next_ + 1; group_end_ < documents_.size(); ++group_end_) {
    const std::string_view document = documents_[group_end_];
    const char* document_end = document.data() + document.size();
    if (document.data() != end || document_end - begin > group_bytes_max) break;
    end = document_end;
  }
  if (group_end_ - next_ < 2) return;
  if (group_finder_.find(begin, static_cast<std::size_t>(end - begin)) == nullptr) {
    group_text_ = begin;
    group_token_ = 0;
  }
}

// False when the document must be taken alone.
bool Matcher::take_from_group(std::string_view document) {
  if (group_text_ == nullptr) return false;
  if (!is_enclosed(document)) document = trimmed(document);
  const auto begin = static_cast<std::size_t>(document.data() - group_text_);
  const std::size_t end = begin + document.size();
  const std::size_t first = group_token_;
  const std::size_t last = group_token_ = group_finder_.count_before(end);
  if (!is_enclosed(document)) return false;
  // A document that leaves a string open hides what its neighbours begin and end with, and only
  // then are the tokens others than those of the document alone.
  const Tokens& group = group_finder_.tokens();
  if (first == last || group.begin[first] != begin || group.begin[last - 1] != end - 1)
    return false;
  subject_.begin(group, first, last, group.has_escapes && document.find('\\') != document.npos);
  return true;
}

void Matcher::take_alone(std::string_view document) {
  if (held_bytes_ > kept_bytes_max && document.size() < held_bytes_ / 16) {
    padded_ = {};
    finder_.release();
    subject_.release();
    held_bytes_ = 0;
  }
  held_bytes_ = std::max(held_bytes_, document.size());
  document = trimmed(document);
  if (!is_enclosed(document)) {
    padded_.assign(document).append(StructureFinder::padding, ' ');
    document = std::string_view(padded_).substr(0, document.size());
  }
  if (const char* what = finder_.find(document.data(), document.size())) {
    subject_.begin(ReadProblem{what, 0});
    return;
  }
  subject_.begin(finder_.tokens());
}

}  // namespace flashflood::query

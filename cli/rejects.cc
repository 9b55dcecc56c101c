#include "rejects.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "failure.h"
#include "flashflood/jmespath.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

RejectRules parse_reject_rules(bool skip_bad, const std::optional<std::string>& max_bad,
                               const std::optional<std::string>& rejects) {
  RejectRules rules;
  rules.skip = skip_bad || max_bad || rejects;
  rules.file = rejects.value_or("");
  if (max_bad && max_bad->ends_with('%')) {
    double percent = 0;
    const char* const last = max_bad->data() + max_bad->size() - 1;
    const auto [end, error] = std::from_chars(max_bad->data(), last, percent);
    if (error != std::errc{} || end != last || !(percent >= 0 && percent <= 100)) {
      throw UsageError(fmt::format("--max-bad: {} is not 0% to 100%", quoted_text(*max_bad)));
    }
    rules.share_max = percent / 100;
  } else if (max_bad) {
    rules.count_max = parse_count("--max-bad", *max_bad);
  }
  return rules;
}

Rejects::Rejects(RejectRules rules) : rules_(std::move(rules)) {
  if (rules_.file.empty()) return;
  file_.open(rules_.file, std::ios::binary | std::ios::trunc);
  if (!file_) {
    throw Failure(
        fmt::format("cannot write {}: {}", quoted_text(rules_.file), std::strerror(errno)));
  }
}

void Rejects::add(const std::string& file, std::uint64_t line, const std::string& reason,
                  std::string_view data) {
  const std::string message = fmt::format("{}:{}: {}", file, line, reason);
  if (!rules_.skip) throw Failure(message);
  ++count_;
  if (file_.is_open()) {
    JsonObject object;
    object.add("file", file).add("line", line).add("reason", reason);
    // What is not UTF-8 has no place in JSON.
    std::string text;
    append_json_string(text, data);
    if (Evaluator checker; checker.parse(text)) {
      object.add_json("data", text);
    } else {
      text = "\"";
      append_base64(text, data);
      object.add_json("data_base64", text + "\"");
    }
    file_ << object.text() << "\n";
  }
  if (rules_.count_max && count_ > *rules_.count_max) {
    throw Failure(fmt::format("{} (and that is more than the {} bad lines that --max-bad allows)",
                              message, human_count(*rules_.count_max)));
  }
  constexpr std::size_t examples_max = 5;
  if (examples_.size() < examples_max) examples_.push_back(message);
}

void Rejects::finish(std::uint64_t good) {
  if (file_.is_open()) {
    file_.close();
    if (!file_) {
      throw Failure(fmt::format("cannot write {}: the bad lines are not all there",
                                quoted_text(rules_.file)));
    }
  }
  if (count_ > 0 && good == 0) {
    throw Failure(fmt::format("no line could be recorded: {}",
                              examples_.empty() ? std::string("all are bad") : examples_.front()));
  }
  const auto all = static_cast<double>(count_ + good);
  if (rules_.share_max && count_ > 0 && static_cast<double>(count_) > *rules_.share_max * all) {
    throw Failure(fmt::format("{} of {} are more than --max-bad allows", plural(count_, "bad line"),
                              human_count(count_ + good)));
  }
}

std::string Rejects::summary() const {
  std::string message = fmt::format("skipped {}:", plural(count_, "bad line"));
  for (const std::string& example : examples_) message += "\n  " + example;
  if (count_ > examples_.size()) message += "\n  …";
  if (!rules_.file.empty()) message += fmt::format("\n(all are in {})", quoted_text(rules_.file));
  return message;
}

}  // namespace flashflood::cli

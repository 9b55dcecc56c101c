#include "query/filter/prefilter.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace flashflood::query {
namespace {

// Clauses that are kept, the most promising ones.
constexpr std::size_t clauses_max = 4;
// One document of so many, and about so many at the most, are looked at with every clause, to find
// the one that pays.
constexpr std::size_t sample_part = 16;
constexpr std::size_t sample_max = 64;
// A clause that lets more than three of five documents pass does not pay.
constexpr std::size_t passes_max_percent = 60;

// A document without a backslash holds one of the needles, or none when there is no needle.
struct Clause {
  std::vector<std::string> needles;
  bool of_names = false;  // names of fields: events of one kind all have them
};

// Whether JSON can write the text without a backslash.
bool needs_no_escape(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  });
}

// What stands in a document that holds the text with `before` and `after` around it.
Clause clause_of(std::string_view before, std::string_view text, std::string_view after) {
  Clause clause;
  if (needs_no_escape(text)) {
    clause.needles.push_back(std::string(before).append(text).append(after));
  }
  return clause;
}

std::size_t shortest_needle(const Clause& clause) {
  std::size_t shortest = static_cast<std::size_t>(-1);
  for (const std::string& needle : clause.needles) shortest = std::min(shortest, needle.size());
  return shortest;
}

bool is_better(const Clause& left, const Clause& right) {
  if (left.of_names != right.of_names) return right.of_names;
  return shortest_needle(left) > shortest_needle(right);
}

void keep_best(std::vector<Clause>& clauses) {
  std::stable_sort(clauses.begin(), clauses.end(), is_better);
  if (clauses.size() > clauses_max) clauses.resize(clauses_max);
}

// Leaves out needles that hold another one.
void drop_covered(std::vector<std::string>& needles) {
  std::sort(needles.begin(), needles.end(), [](const auto& left, const auto& right) {
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  });
  std::vector<std::string> kept;
  for (std::string& needle : needles) {
    auto covers = [&](const std::string& shorter) {
      return needle.find(shorter) != std::string::npos;
    };
    if (std::none_of(kept.begin(), kept.end(), covers)) kept.push_back(std::move(needle));
  }
  needles = std::move(kept);
}

void add_literal_clauses(Comparison comparison, const Value& literal,
                         std::vector<Clause>& clauses) {
  const bool is_equal = comparison == Comparison::equal;
  if (!is_equal && comparison != Comparison::contains && comparison != Comparison::starts_with &&
      comparison != Comparison::ends_with) {
    return;
  }
  if (literal.kind == Kind::string) {
    const std::string_view before =
        is_equal || comparison == Comparison::starts_with ? "\"" : std::string_view();
    const std::string_view after =
        is_equal || comparison == Comparison::ends_with ? "\"" : std::string_view();
    // Every string begins with '' and holds it.
    if (is_equal || literal.size != 0) {
      clauses.push_back(clause_of(before, literal.view(), after));
    }
  } else if (literal.kind == Kind::boolean) {
    clauses.push_back(clause_of("", literal.flag ? "true" : "false", ""));
  }
}

std::vector<Clause> clauses_of(const Condition& condition) {
  std::vector<Clause> clauses;
  switch (condition.kind) {
    case Condition::Kind::always:
      return clauses;
    case Condition::Kind::never:
      clauses.emplace_back();
      return clauses;
    case Condition::Kind::test:
      if (null_passes(condition.comparison, condition.literal)) return clauses;
      add_literal_clauses(condition.comparison, condition.literal, clauses);
      for (const PathStep& step : condition.path) {
        if (step.kind != PathStep::Kind::field) continue;
        clauses.push_back(clause_of("\"", step.name, "\""));
        clauses.back().of_names = true;
      }
      break;
    case Condition::Kind::all:
      for (const Condition& part : condition.parts) {
        auto more = clauses_of(part);
        std::move(more.begin(), more.end(), std::back_inserter(clauses));
      }
      break;
    case Condition::Kind::any: {
      // One clause that each document meets which has one of the parts.
      Clause joined;
      for (const Condition& part : condition.parts) {
        auto choices = clauses_of(part);
        if (choices.empty()) return {};
        Clause& best = choices.front();
        std::move(best.needles.begin(), best.needles.end(), std::back_inserter(joined.needles));
        joined.of_names = joined.of_names || best.of_names;
      }
      drop_covered(joined.needles);
      if (joined.needles.size() > ByteSearch::needles_max) return {};
      clauses.push_back(std::move(joined));
      break;
    }
  }
  keep_best(clauses);
  return clauses;
}

// Documents that lie back to back: the bytes are searched as one text.
struct Region {
  std::string_view bytes;
  std::span<const std::uint32_t> ends;

  std::size_t size() const { return ends.size(); }

  std::string_view document(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return bytes.substr(begin, ends[i] - begin);
  }

  // Appends the documents that pass.
  void search(const ByteSearch& clause, std::vector<std::uint32_t>& candidates) const {
    std::size_t at = 0;
    for (std::size_t i = 0; i < ends.size();) {
      const auto hit = clause.find(bytes, at);
      if (hit.size == 0) return;
      while (ends[i] <= hit.at) ++i;
      if (hit.at + hit.size <= ends[i]) {
        candidates.push_back(static_cast<std::uint32_t>(i));
        at = ends[i++];
      } else {
        at = hit.at + 1;  // it reaches into the next document
      }
    }
  }
};

struct Scattered {
  std::span<const std::string_view> documents;

  std::size_t size() const { return documents.size(); }

  std::string_view document(std::size_t i) const { return documents[i]; }

  void search(const ByteSearch& clause, std::vector<std::uint32_t>& candidates) const {
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (clause.find(documents[i], 0).size == 0) continue;
      candidates.push_back(static_cast<std::uint32_t>(i));
    }
  }
};

}  // namespace

Prefilter::Prefilter(const Condition& condition) {
  for (Clause& clause : clauses_of(condition)) clauses_.emplace_back(std::move(clause.needles));
}

bool Prefilter::may_match(std::string_view document) const {
  return std::all_of(clauses_.begin(), clauses_.end(),
                     [&](const ByteSearch& clause) { return clause.find(document, 0).size != 0; });
}

template <typename Documents>
void Prefilter::sample_and_search(const Documents& documents,
                                  std::vector<std::uint32_t>& candidates) const {
  candidates.clear();
  if (const ByteSearch* clause = choose_clause(documents)) {
    documents.search(*clause, candidates);
    return;
  }
  candidates.resize(documents.size());
  std::iota(candidates.begin(), candidates.end(), 0U);
}

// The clause that lets the fewest of some documents pass; none when it lets too many pass.
template <typename Documents>
const ByteSearch* Prefilter::choose_clause(const Documents& documents) const {
  const std::size_t count = documents.size();
  // Spread over all, since neighbours are often alike.
  const std::size_t stride = std::max(sample_part, count / sample_max);
  const std::size_t sampled = (count + stride - 1) / stride;
  const ByteSearch* best = nullptr;
  std::size_t least = sampled * passes_max_percent / 100 + 1;
  for (const ByteSearch& clause : clauses_) {
    std::size_t passed = 0;
    for (std::size_t i = 0; i < count && passed < least; i += stride) {
      if (clause.find(documents.document(i), 0).size != 0) ++passed;
    }
    if (passed >= least) continue;
    best = &clause;
    least = passed;
  }
  return best;
}

void Prefilter::select(std::string_view bytes, std::span<const std::uint32_t> ends,
                       std::vector<std::uint32_t>& candidates) const {
  sample_and_search(Region{bytes, ends}, candidates);
}

void Prefilter::select(std::span<const std::string_view> documents,
                       std::vector<std::uint32_t>& candidates) const {
  sample_and_search(Scattered{documents}, candidates);
}

bool has_json_ends(std::string_view document) {
  auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!document.empty() && is_blank(document.front())) document.remove_prefix(1);
  while (!document.empty() && is_blank(document.back())) document.remove_suffix(1);
  if (document.size() < 2) return false;
  const char last = document.back();
  switch (document.front()) {
    case '{':
      return last == '}';
    case '[':
      return last == ']';
    case '"':
      return last == '"';
    default:
      return false;
  }
}

std::string Prefilter::describe() const {
  std::string text;
  for (const ByteSearch& clause : clauses_) {
    if (!text.empty()) text += ", and ";
    std::string needles;
    for (const std::string& needle : clause.needles()) {
      if (!needles.empty()) needles += " or ";
      needles += quote(needle);
    }
    text += needles.empty() ? "nothing" : needles;
  }
  return text;
}

Condition conditions_to_keep(const Question& question) {
  std::vector<Condition> parts;
  if (question.where) parts.push_back(conditions_for_truth(*question.where));
  if (question.query) parts.push_back(conditions_for_result(*question.query));
  return join(Condition::Kind::all, std::move(parts));
}

}  // namespace flashflood::query

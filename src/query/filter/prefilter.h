// Throws documents away before they are parsed: those whose bytes lack what every document must
// hold that meets the conditions of an expression.
//
// country == 'France' needs the bytes "France", quotes included: a JSON string whose characters
// need no escape stands in a document as it is, unless the document has a backslash. So a document
// with a backslash always passes; of the others those pass that hold one needle of a clause, and a
// clause is searched only where it pays. Numbers have many spellings and are never searched.
//
//   Prefilter prefilter(conditions_for_truth(expression));
//   prefilter.select(bytes, ends, candidates);   // then parse and evaluate these
//
// A document that does not pass is certain not to meet the conditions; whether its evaluation would
// fail, or it is JSON at all, stays unknown. has_json_ends() finds most of what is not JSON.
//
// Threads: immutable; any number at a time. Lifetime: owns all it needs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/filter/conditions.h"
#include "query/json/byte_search.h"
#include "query/matcher.h"

namespace flashflood::query {

class Prefilter {
 public:
  // Without a clause every document passes.
  Prefilter() = default;
  explicit Prefilter(const Condition& condition);

  bool empty() const { return clauses_.empty(); }
  // Whether every clause is met.
  bool may_match(std::string_view document) const;

  // Sets `candidates` to the numbers of the documents that pass, in order. The documents lie back
  // to back and fill `bytes`; ends[i] is where document i ends. At most a sixteenth of them is
  // looked at with each clause first, then all with the best clause; all pass without a search when
  // it lets most of the sample pass. So the answer depends on these documents alone.
  void select(std::string_view bytes, std::span<const std::uint32_t> ends,
              std::vector<std::uint32_t>& candidates) const;
  // The same for documents that lie anywhere.
  void select(std::span<const std::string_view> documents,
              std::vector<std::uint32_t>& candidates) const;

  // What is searched, for people; empty when nothing is.
  std::string describe() const;

 private:
  template <typename Documents>
  const ByteSearch* choose_clause(const Documents& documents) const;
  template <typename Documents>
  void sample_and_search(const Documents& documents, std::vector<std::uint32_t>& candidates) const;

  std::vector<ByteSearch> clauses_;  // the most promising first
};

// Whether a document begins and ends like a JSON object, array or string. Quick, for whoever counts
// what is not JSON: let all else through to the parser.
bool has_json_ends(std::string_view document);

// What must hold of a document for the question to keep it.
Condition conditions_to_keep(const Question& question);

}  // namespace flashflood::query

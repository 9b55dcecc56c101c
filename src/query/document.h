// What a Document holds. Internal to this folder.
//
// Threads: one at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/expression.h"
#include "query/json/structure.h"
#include "query/program.h"
#include "query/subject.h"

namespace flashflood::query {

struct Document::Impl {
  explicit Impl(const Limits& document_limits)
      : limits(document_limits), subject(document_limits.depth_max) {}

  Limits limits;
  std::unique_ptr<char[]> text;  // a copy of the document with the padding that the reader needs
  std::size_t text_capacity = 0;
  std::size_t text_size = 0;
  const char* fault = nullptr;  // why the finder finds no tokens; null: it does
  StructureFinder finder;
  Subject subject;
  bool is_valid = true;
  mutable std::string problem;
  // Results may point into these.
  std::vector<std::shared_ptr<const Program>> programs;

  void hold(const std::shared_ptr<const Program>& program);
};

}  // namespace flashflood::query

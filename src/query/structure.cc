#include "query/structure.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace flashflood::query {

struct StructureFinder::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

StructureFinder::StructureFinder() : parser_(std::make_unique<Parser>()) {}
StructureFinder::~StructureFinder() = default;

void StructureFinder::release() {
  parser_->stages.reset();
  capacity_ = 0;
  tokens_ = {};
}

const char* StructureFinder::find(const char* text, std::size_t size) {
  tokens_ = {};
  if (size == 0) return "it is empty";
  if (size > text_bytes_max - positions_padding) return "it is longer than 4 GiB";
  if (size + positions_padding > capacity_) {
    release();
    // There is room for a position for each byte.
    std::size_t wanted = std::min(
        text_bytes_max, std::max<std::size_t>(4096, std::bit_ceil(size + positions_padding)));
    // The second stage, which keeps the depth, is not used.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            wanted, 1, parser_->stages) != simdjson::SUCCESS) {
      throw std::bad_alloc();
    }
    capacity_ = wanted;
  }
  auto& stages = *parser_->stages;
  auto outcome = stages.stage1(reinterpret_cast<const std::uint8_t*>(text), size,
                               simdjson::stage1_mode::regular);
  switch (outcome) {
    case simdjson::SUCCESS:
      break;
    case simdjson::EMPTY:
      return "it is empty";
    case simdjson::UTF8_ERROR:
      return "it is not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a string holds an unescaped control character";
    default:
      return "it is not JSON";
  }
  std::uint32_t* positions = stages.structural_indexes.get();
  std::fill_n(positions + stages.n_structural_indexes, positions_padding,
              static_cast<std::uint32_t>(size));
  tokens_ = {.text = text,
             .begin = positions,
             .end = positions + stages.n_structural_indexes,
             .has_escapes = std::memchr(text, '\\', size) != nullptr};
  return nullptr;
}

}  // namespace flashflood::query

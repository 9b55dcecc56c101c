#include "query/json/structure.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include "base/text.h"

namespace flashflood::query {
namespace {

constexpr auto kind_of_byte = [] {
  std::array<char, 256> kinds{};
  kinds.fill(scalar_kind);
  for (char kind : {'"', '{', '}', '[', ']', ':', ','}) {
    kinds[static_cast<unsigned char>(kind)] = kind;
  }
  return kinds;
}();

constexpr const char* not_closed = "a string is not closed";
constexpr const char* has_control = "a string holds an unescaped control character";
constexpr const char* not_utf8 = "it is not valid UTF-8";

}  // namespace

struct StructureFinder::Memory {
  // Where the level has no scan of its own.
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
  std::unique_ptr<std::uint32_t[]> positions;
  std::unique_ptr<char[]> kinds;
  std::unique_ptr<std::uint64_t[]> starts;
  std::unique_ptr<std::uint32_t[]> ranks;
};

StructureFinder::StructureFinder(SimdLevel level)
    : scan_(structure_scan_of(level)), memory_(std::make_unique<Memory>()) {}
StructureFinder::~StructureFinder() = default;

void StructureFinder::release() {
  *memory_ = {};
  capacity_ = 0;
  tokens_ = {};
}

void StructureFinder::grow(std::size_t size) {
  release();
  const std::size_t capacity =
      std::min(text_bytes_max, std::max<std::size_t>(4096, std::bit_ceil(size)));
  const std::size_t blocks = capacity / 64 + 1;
  Memory& memory = *memory_;
  // There is room for a token for each byte.
  memory.kinds.reset(new char[capacity + ScanTarget::slack]);
  memory.starts.reset(new std::uint64_t[blocks]);
  memory.ranks.reset(new std::uint32_t[blocks]);
  if (scan_ != nullptr) {
    memory.positions.reset(new std::uint32_t[capacity + ScanTarget::slack]);
  } else if (simdjson::get_active_implementation()->create_dom_parser_implementation(
                 capacity, 1, memory.stages) != simdjson::SUCCESS) {
    // The second stage, which keeps the depth, is not used.
    throw std::bad_alloc();
  }
  found_ = {memory.positions.get(), memory.kinds.get(), memory.starts.get(), memory.ranks.get()};
  capacity_ = capacity;
}

ScanOutcome StructureFinder::find_by_library(const char* text, std::size_t size) {
  auto& stages = *memory_->stages;
  const auto error = stages.stage1(reinterpret_cast<const std::uint8_t*>(text), size,
                                   simdjson::stage1_mode::regular);
  ScanOutcome outcome{.is_closed = error != simdjson::UNCLOSED_STRING,
                      .has_controls = error == simdjson::UNESCAPED_CHARS,
                      .is_ascii = error != simdjson::UTF8_ERROR,
                      .has_escapes = std::memchr(text, '\\', size) != nullptr};
  if (error != simdjson::SUCCESS) return outcome;
  outcome.tokens = stages.n_structural_indexes;
  found_.positions = stages.structural_indexes.get();
  std::fill_n(found_.starts, size / 64 + 1, 0);
  for (std::size_t token = 0; token < outcome.tokens; ++token) {
    const std::uint32_t at = found_.positions[token];
    found_.kinds[token] = kind_of_byte[static_cast<unsigned char>(text[at])];
    found_.starts[at / 64] |= std::uint64_t{1} << at % 64;
  }
  std::uint32_t rank = 0;
  for (std::size_t block = 0; block <= size / 64; ++block) {
    found_.ranks[block] = rank;
    rank += static_cast<std::uint32_t>(std::popcount(found_.starts[block]));
  }
  return outcome;
}

const char* StructureFinder::find(const char* text, std::size_t size) {
  tokens_ = {};
  if (size == 0) return "it is empty";
  if (size > text_bytes_max) return "it is longer than 4 GiB";
  if (size > capacity_) grow(size);
  const ScanOutcome outcome =
      scan_ != nullptr ? scan_(text, size, found_) : find_by_library(text, size);
  if (!outcome.is_closed) return not_closed;
  if (outcome.has_controls) return has_control;
  if (!outcome.is_ascii && !simdjson::validate_utf8(text, size)) return not_utf8;
  if (outcome.tokens == 0) return "it is empty";
  found_.positions[outcome.tokens] = static_cast<std::uint32_t>(size);
  found_.kinds[outcome.tokens] = '\0';
  tokens_ = {.text = text,
             .readable_end = text + size,
             .begin = found_.positions,
             .end = found_.positions + outcome.tokens,
             .kinds = found_.kinds,
             .has_escapes = outcome.has_escapes};
  return nullptr;
}

std::size_t StructureFinder::position_of_fault(std::string_view text, std::string_view reason) {
  if (reason == not_utf8) return valid_utf8_size(text);
  if (reason != not_closed && reason != has_control) return 0;
  bool in_string = false;
  std::size_t opened = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && static_cast<unsigned char>(c) < 0x20 && reason == has_control) return i;
    if (c == '"') {
      in_string = !in_string;
      if (in_string) opened = i;
    } else if (c == '\\' && in_string) {
      ++i;
    }
  }
  return opened;
}

}  // namespace flashflood::query

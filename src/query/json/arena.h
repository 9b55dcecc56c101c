// Memory for values: handed out in pieces, given back all at once.
//
// Threads: one at a time. Lifetime: a piece lives until clear() or the end of its arena.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "query/json/value.h"

namespace flashflood::query {

class Arena {
 public:
  // Uninitialised, aligned for a Value. Zero bytes are a valid piece.
  char* allocate(std::size_t bytes) {
    bytes = (bytes + 15) & ~std::size_t{15};
    if (bytes > static_cast<std::size_t>(end_ - next_)) grow(bytes);
    char* piece = next_;
    next_ += bytes;
    return piece;
  }
  Value* allocate_values(std::size_t count) {
    return reinterpret_cast<Value*>(allocate(count * sizeof(Value)));
  }
  std::string_view copy(std::string_view text) {
    char* piece = allocate(text.size());
    if (!text.empty()) std::memcpy(piece, text.data(), text.size());
    return {piece, text.size()};
  }

  // Frees every piece. Keeps one block, unless it is big, for the next round.
  void clear() {
    if (blocks_.empty()) return;
    if (blocks_.size() > 1 || blocks_.back().bytes > kept_bytes_max) shrink();
    next_ = blocks_.empty() ? nullptr : blocks_.back().memory.get();
  }

 private:
  static constexpr std::size_t first_bytes = 4096;
  static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;

  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t bytes;
  };

  // Blocks double, so that a big document takes few of them.
  void grow(std::size_t bytes) {
    std::size_t size = blocks_.empty() ? first_bytes : 2 * blocks_.back().bytes;
    if (size < bytes) size = bytes;
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    next_ = blocks_.back().memory.get();
    end_ = next_ + size;
  }
  void shrink() {
    if (blocks_.back().bytes <= kept_bytes_max) {
      blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    } else {
      blocks_.clear();
      next_ = end_ = nullptr;
    }
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace flashflood::query

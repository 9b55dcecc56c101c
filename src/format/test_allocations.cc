// The operators of the whole test program, replaced. They stand in a file of their own: a compiler
// that sees both them and their users warns of free() on what new returned. Sanitizers bring their
// own, which see more; with them nothing is counted.
#include "format/test_allocations.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace flashflood::format::testing {

std::size_t& largest_allocation() {
  static thread_local std::size_t largest = 0;
  return largest;
}

}  // namespace flashflood::format::testing

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FLASHFLOOD_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FLASHFLOOD_SANITIZED
#endif

#ifndef FLASHFLOOD_SANITIZED

using flashflood::format::testing::largest_allocation;

void* operator new(std::size_t size) {
  largest_allocation() = std::max(largest_allocation(), size);
  if (void* memory = std::malloc(std::max<std::size_t>(size, 1))) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

#endif

#include "store/object_store.h"

#include <algorithm>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

constexpr std::size_t key_bytes_max = 900;
constexpr std::size_t part_bytes_max = 255;  // what file systems take as one name

bool is_key_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// What is wrong with the parts of a key or prefix, or nothing. The last part of a prefix may go on,
// so that little can be said against it. (MinIO refuses "." there.)
const char* find_fault(std::string_view text, bool last_may_go_on) noexcept {
  if (text.size() > key_bytes_max) return "it is longer than 900 bytes";
  std::size_t begin = 0;
  while (true) {
    const std::size_t slash = text.find('/', begin);
    const std::string_view part = text.substr(begin, slash - begin);
    if (!std::all_of(part.begin(), part.end(), is_key_character)) {
      return "only A-Z a-z 0-9 - _ . and / may stand in it";
    }
    if (part.size() > part_bytes_max) return "there are more than 255 bytes between two '/'";
    if (part.starts_with(".tmp-")) return "'.tmp-' marks unfinished uploads";
    const bool last = slash == std::string_view::npos;
    if (part.empty() && !(last && last_may_go_on)) return "it has an empty part";
    if (part == "." || part == "..") return "'.' and '..' are not allowed";
    if (last) return nullptr;
    begin = slash + 1;
  }
}

void check(const char* what, std::string_view text, bool last_may_go_on) {
  const char* const fault = find_fault(text, last_may_go_on);
  if (fault == nullptr) return;
  throw InvalidArgument(std::string("the ") + what + ' ' + quote(text) + " is refused: " + fault);
}

}  // namespace

bool is_key(std::string_view text) noexcept { return find_fault(text, false) == nullptr; }
void check_key(std::string_view key) { check("key", key, false); }
void check_prefix(std::string_view prefix) { check("prefix", prefix, true); }

ByteSpan resolve_range(ByteRange range, std::uint64_t object_size) noexcept {
  switch (range.kind) {
    case ByteRange::Kind::all:
      break;
    case ByteRange::Kind::from_offset: {
      const std::uint64_t offset = std::min(range.offset, object_size);
      return {offset, std::min(range.length, object_size - offset)};
    }
    case ByteRange::Kind::suffix: {
      const std::uint64_t length = std::min(range.length, object_size);
      return {object_size - length, length};
    }
  }
  return {0, object_size};
}

void for_each_object(ObjectStore& store, std::string_view prefix, std::string_view start_after,
                     const std::function<void(ObjectInfo&&)>& object) {
  std::string last(start_after);
  for (;;) {
    ListPage page = store.list(prefix, last, 0);
    if (page.objects.empty()) return;
    last = page.objects.back().key;
    for (ObjectInfo& info : page.objects) object(std::move(info));
    if (!page.more) return;
  }
}

std::vector<ObjectInfo> list_all(ObjectStore& store, std::string_view prefix,
                                 std::string_view start_after) {
  std::vector<ObjectInfo> all;
  for_each_object(store, prefix, start_after,
                  [&](ObjectInfo&& object) { all.push_back(std::move(object)); });
  return all;
}

}  // namespace flashflood

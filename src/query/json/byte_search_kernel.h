// The inner loop of ByteSearch, included once for each SimdLevel inside a namespace of its own
// that says what a vector is:
//
//   FLASHFLOOD_KERNEL   the attributes of functions that use the level's instructions
//   Vector, width       bytes, and how many
//   Match               a truth for each byte
//   splat, load, equal, both, either, bits (bit i for byte i)
//   spread              16 bytes, again and again: a table of 16 entries
//   look_up             for each byte of a vector, entries of one table for the lower half of its
//                       bits and of another for the upper, and-ed
//   shared              where two vectors have a bit in common
//
// A function cannot take its instructions from a template argument, hence an include.
//
// Threads: pure functions.

// One needle: its two bytes are compared.
struct OneNeedle {
  Vector backslash;
  Vector first;
  Vector second;
  std::size_t first_place;
  std::size_t second_place;

  FLASHFLOOD_KERNEL explicit OneNeedle(const ByteSearch& search)
      : backslash(splat('\\')),
        first(splat(search.needles()[0][search.first_place()])),
        second(splat(search.needles()[0][search.second_place()])),
        first_place(search.first_place()),
        second_place(search.second_place()) {}

  FLASHFLOOD_KERNEL Match match(const char* at) const {
    return either(equal(load(at), backslash), both(equal(load(at + first_place), first),
                                                   equal(load(at + second_place), second)));
  }
};

// Several: each has one of eight bits. Tables say for the halves of a byte which needles have it at
// a place; a needle that is found has its bit in all of them.
struct SeveralNeedles {
  Vector backslash;
  Vector first_low;
  Vector first_high;
  Vector second_low;
  Vector second_high;
  std::size_t first_place;
  std::size_t second_place;

  FLASHFLOOD_KERNEL explicit SeveralNeedles(const ByteSearch& search)
      : backslash(splat('\\')),
        first_place(search.first_place()),
        second_place(search.second_place()) {
    char tables[4][16] = {};
    unsigned bit = 1;
    for (const std::string& needle : search.needles()) {
      const auto first = static_cast<unsigned char>(needle[first_place]);
      const auto second = static_cast<unsigned char>(needle[second_place]);
      for (char* entry : {&tables[0][first & 15], &tables[1][first >> 4], &tables[2][second & 15],
                          &tables[3][second >> 4]}) {
        *entry = static_cast<char>(static_cast<unsigned char>(*entry) | bit);
      }
      bit = bit == 128 ? 1 : 2 * bit;
    }
    first_low = spread(tables[0]);
    first_high = spread(tables[1]);
    second_low = spread(tables[2]);
    second_high = spread(tables[3]);
  }

  FLASHFLOOD_KERNEL Match match(const char* at) const {
    return either(equal(load(at), backslash),
                  shared(look_up(load(at + first_place), first_low, first_high),
                         look_up(load(at + second_place), second_low, second_high)));
  }
};

// A vector of positions of which some may begin a hit.
struct Found {
  std::size_t at;
  std::uint64_t bits;  // 0: none before `end`
};

// Not inlined, so that nothing else takes registers from this loop.
template <typename Needles>
FLASHFLOOD_KERNEL __attribute__((noinline)) Found skip(const Needles& needles, const char* text,
                                                       std::size_t at, std::size_t end) {
  const Needles held = needles;
  for (; at < end; at += width) {
    if (std::uint64_t found = bits(held.match(text + at)); found != 0) return {at, found};
  }
  return {at, 0};
}

template <typename Needles>
FLASHFLOOD_KERNEL ByteSearch::Hit scan_for(const ByteSearch& search, std::string_view text,
                                           std::size_t at) {
  const Needles needles(search);
  // The positions at which a vector begins that may be read with the places behind it.
  const std::size_t read = search.second_place() + width - 1;
  const std::size_t end = text.size() > read ? text.size() - read : 0;
  while (at < end) {
    Found found = skip(needles, text.data(), at, end);
    for (; found.bits != 0; found.bits &= found.bits - 1) {
      auto place = found.at + static_cast<std::size_t>(std::countr_zero(found.bits));
      if (auto hit = search.hit_at(text, place); hit.size != 0) return hit;
    }
    at = found.at < end ? found.at + width : found.at;
  }
  // What is left is looked at in a copy that may be read beyond the end of the text.
  if (at >= text.size()) return {};
  char rest[3 * width + 2 * ByteSearch::place_max] = {};
  const std::size_t size = text.size() - at;
  std::memcpy(rest, text.data() + at, size);
  for (std::size_t begin = 0; begin < size; begin += width) {
    for (std::uint64_t found = bits(needles.match(rest + begin)); found != 0; found &= found - 1) {
      auto place = at + begin + static_cast<std::size_t>(std::countr_zero(found));
      if (place >= text.size()) break;
      if (auto hit = search.hit_at(text, place); hit.size != 0) return hit;
    }
  }
  return {};
}

FLASHFLOOD_KERNEL ByteSearch::Hit scan(const ByteSearch& search, std::string_view text,
                                       std::size_t from) {
  if (search.needles().size() == 1) return scan_for<OneNeedle>(search, text, from);
  return scan_for<SeveralNeedles>(search, text, from);
}

#include "format/journal_posts.h"

#include <algorithm>

#include "format/journal.h"
#include "format/wire.h"

namespace flashflood::format {

std::optional<JournalPosts::Span> JournalPosts::span_of(Timestamp date) const {
  // The block before a post may end with the post's own date.
  auto next = std::partition_point(posts.begin() + 1, posts.end(),
                                   [&](const JournalPost& post) { return post.date < date; });
  auto first = next - 1;
  if (first->date > date) return std::nullopt;
  auto behind = std::partition_point(next, posts.end(),
                                     [&](const JournalPost& post) { return post.date <= date; });
  return Span{first->offset, (behind == posts.end() ? end : behind->offset) - first->offset};
}

bool JournalPosts::fit(Timestamp from, Timestamp to, std::uint64_t object_bytes) const {
  if (posts.empty()) return end == 0;
  const bool ascending =
      std::adjacent_find(posts.begin(), posts.end(),
                         [](const JournalPost& before, const JournalPost& post) {
                           return post.offset <= before.offset || post.date < before.date;
                         }) == posts.end();
  return ascending && posts.front().date == from && posts.back().date <= to &&
         posts.front().offset == journal_header_bytes && posts.back().offset < end &&
         end < object_bytes;
}

JournalPosts make_posts(std::span<const BlockInfo> blocks) {
  const std::uint64_t end = blocks.back().offset + blocks.back().stored_bytes;
  const std::uint64_t distance =
      std::max(post_distance_min, (end - blocks.front().offset) / posts_max);
  JournalPosts made{{}, end};
  for (const BlockInfo& block : blocks)
    if (made.empty() || block.offset - made.posts.back().offset >= distance)
      made.posts.push_back({block.first, block.offset});
  return made;
}

// Columns, which compress better than records: numbers of posts, ends of blocks; then of all posts
// the offsets, then the dates.
Bytes encode_posts(std::span<const JournalPosts* const> journals) {
  Bytes bytes;
  for (const JournalPosts* journal : journals)
    append(bytes, static_cast<std::uint64_t>(journal->posts.size()));
  for (const JournalPosts* journal : journals) append(bytes, journal->end);
  for (const JournalPosts* journal : journals)
    for (const JournalPost& post : journal->posts) append(bytes, post.offset);
  for (const JournalPosts* journal : journals)
    for (const JournalPost& post : journal->posts) append(bytes, date_to_wire(post.date));
  return bytes;
}

std::vector<JournalPosts> decode_posts(BytesView bytes, std::size_t journals,
                                       std::string_view name) {
  constexpr std::size_t column_bytes = sizeof(std::uint64_t);
  if (bytes.size() / (2 * column_bytes) < journals)
    throw_corrupt(name, "the posts of journals are cut off");
  ByteReader counts(bytes.substr(0, journals * column_bytes));
  ByteReader ends(bytes.substr(journals * column_bytes, journals * column_bytes));
  const BytesView posts = bytes.substr(2 * journals * column_bytes);
  const std::size_t total = posts.size() / (2 * column_bytes);
  ByteReader offsets(posts.substr(0, total * column_bytes));
  ByteReader dates(posts.substr(total * column_bytes));
  std::vector<JournalPosts> decoded(journals);
  std::size_t left = total;
  for (JournalPosts& journal : decoded) {
    const auto count = counts.read<std::uint64_t>();
    if (count > left) throw_corrupt(name, "journals have more posts than there are");
    left -= count;
    journal.end = ends.read<std::uint64_t>();
    journal.posts.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto offset = offsets.read<std::uint64_t>();
      journal.posts.push_back({date_from_wire(dates.read<std::int64_t>()), offset});
    }
  }
  if (left > 0 || posts.size() % (2 * column_bytes) != 0)
    throw_corrupt(name, "the posts of journals have a wrong size");
  return decoded;
}

}  // namespace flashflood::format

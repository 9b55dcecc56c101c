#include "store/s3/s3_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/request_failed.h"
#include "store/s3/s3_error.h"

namespace flashflood {
namespace {

// No object is longer; numbers near 2^64 are more than some servers can read.
constexpr std::uint64_t object_bytes_max = std::uint64_t{1} << 50;
// A read is trusted to be so many times as long as its first request: 512 MiB as a rule.
constexpr std::uint64_t trusted_requests = 32;
constexpr std::size_t error_bytes_max = std::size_t{64} << 10;

struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t size = 0;
};

// "bytes 0-9/100"
std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  const std::size_t dash = std::min(text.find('-'), text.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  if (slash == text.size() || dash > slash) return std::nullopt;
  const auto first = parse_decimal(text.substr(0, dash));
  const auto last = parse_decimal(text.substr(dash + 1, slash - dash - 1));
  const auto size = parse_decimal(text.substr(slash + 1));
  if (!first || !last || !size || *first > *last || *last >= *size) return std::nullopt;
  return ContentRange{*first, *last, *size};
}

std::string range_header(std::uint64_t offset, std::uint64_t length, bool suffix) {
  if (suffix) return fmt::format("bytes=-{}", length);
  return fmt::format("bytes={}-{}", offset, offset + length - 1);
}

[[noreturn]] void refuse(const std::string& key, const char* why) {
  throw RequestFailed(fmt::format("the answer for {} cannot be right: {}", key, why),
                      RequestFailed::Effect::none);
}

}  // namespace

std::optional<ObjectPart> S3Reader::get(const std::string& key, ByteRange range) {
  switch (range.kind) {
    case ByteRange::Kind::all:
      break;
    case ByteRange::Kind::from_offset:
      return get_from(key, std::min(range.offset, object_bytes_max),
                      std::min(range.length, object_bytes_max));
    case ByteRange::Kind::suffix:
      return get_suffix(key, range.length);
  }
  return get_from(key, 0, object_bytes_max);
}

std::optional<std::uint64_t> S3Reader::size_of(const std::string& key) {
  const Answer answer = read_piece(key, 0, 1, false);
  if (answer.piece) return answer.piece->object_size;
  // Not even one byte: it is empty.
  if (answer.miss == Miss::beyond_end) return 0;
  return std::nullopt;
}

std::optional<ObjectPart> S3Reader::empty_part(const std::string& key) {
  const std::optional<std::uint64_t> size = size_of(key);
  if (!size) return std::nullopt;
  return ObjectPart{{}, *size};
}

std::optional<ObjectPart> S3Reader::get_from(const std::string& key, std::uint64_t offset,
                                             std::uint64_t length) {
  if (length == 0) return empty_part(key);
  const S3Config& config = client_.config();
  const std::uint64_t first_length = std::min<std::uint64_t>(length, config.request_bytes_max);
  Answer answer = read_piece(key, offset, first_length, false);
  if (!answer.piece) {
    if (answer.miss == Miss::absent) return std::nullopt;
    if (offset == 0) return ObjectPart{{}, 0};
    return empty_part(key);
  }
  Piece& piece = *answer.piece;
  const ByteSpan wanted = resolve_range(ByteRange::at(offset, length), piece.object_size);
  const ByteSpan came = resolve_range(ByteRange::at(offset, first_length), piece.object_size);
  if (piece.offset != came.offset || piece.length != came.length) refuse(key, "another range");
  ObjectPart part{std::move(piece.bytes), piece.object_size};
  // The size is what the server claims: memory for more than a little comes after bytes of the
  // object have come.
  while (part.bytes.size() < wanted.length) {
    const std::size_t have = part.bytes.size();
    const std::uint64_t more = std::max<std::uint64_t>(have, trusted_requests * first_length);
    part.bytes.resize(have + std::min(wanted.length - have, more));
    read_rest(key, piece, offset + have, std::span(part.bytes).subspan(have));
  }
  return part;
}

std::optional<ObjectPart> S3Reader::get_suffix(const std::string& key, std::uint64_t length) {
  if (length == 0) return empty_part(key);
  if (length > client_.config().request_bytes_max) {
    const std::optional<std::uint64_t> size = size_of(key);
    if (!size) return std::nullopt;
    const ByteSpan span = resolve_range(ByteRange::last(length), *size);
    return get_from(key, span.offset, span.length);
  }
  Answer answer = read_piece(key, 0, length, true);
  if (!answer.piece) {
    if (answer.miss == Miss::absent) return std::nullopt;
    const std::optional<ObjectPart> part = empty_part(key);
    if (part && part->object_size > 0)
      refuse(key, "there are last bytes, and it says there are none");
    return part;
  }
  Piece& piece = *answer.piece;
  const ByteSpan wanted = resolve_range(ByteRange::last(length), piece.object_size);
  if (piece.offset != wanted.offset || piece.length != wanted.length) refuse(key, "another range");
  return ObjectPart{std::move(piece.bytes), piece.object_size};
}

void S3Reader::read_rest(const std::string& key, const Piece& first, std::uint64_t from,
                         std::span<char> rest) {
  const S3Config& config = client_.config();
  const std::size_t count = (rest.size() + config.piece_bytes - 1) / config.piece_bytes;
  parallel_for(client_.io(), count, config.pieces_at_once, [&](std::size_t i) {
    const std::size_t begin = i * config.piece_bytes;
    const std::span<char> into =
        rest.subspan(begin, std::min(config.piece_bytes, rest.size() - begin));
    const std::uint64_t offset = from + begin;
    const Answer answer =
        client_.retrier().repeat([&] { return read_piece(key, offset, into.size(), false, into); });
    // Compared here: If-Match is refused by some servers although it fits.
    if (!answer.piece || answer.piece->etag != first.etag ||
        answer.piece->object_size != first.object_size) {
      refuse(key, "it was replaced while it was read");
    }
    if (answer.piece->offset != offset || answer.piece->length != into.size()) {
      refuse(key, "another range");
    }
  });
}

S3Reader::Answer S3Reader::read_piece(const std::string& key, std::uint64_t offset,
                                      std::uint64_t length, bool suffix, std::span<char> into) {
  S3Request request;
  request.key = key;
  request.headers.push_back({"Range", range_header(offset, length, suffix)});
  request.body_into = into;
  request.response_bytes_max = std::max<std::uint64_t>(length, error_bytes_max);
  request.hedge = into.empty();
  if (!into.empty()) request.share = S3Request::Share::piece;
  HttpResponse response = client_.send(request);
  if (response.status == 404) {
    const std::string code = s3_error_code(response);
    if (code == "NoSuchKey" || code == "NotFound") return {std::nullopt, Miss::absent};
  }
  if (response.status == 416) return {std::nullopt, Miss::beyond_end};
  if (response.status != 200 && response.status != 206) client_.fail(request, response);

  Piece piece;
  piece.etag = response.header("etag").value_or("");
  const std::uint64_t came = into.empty() ? response.body.size() : response.bytes_into;
  const std::string_view content_range = response.header("content-range").value_or("");
  if (response.status == 206 && came == 0 && content_range.ends_with("/0")) {
    // MinIO's last bytes of an empty object: "bytes 0--1/0".
  } else if (response.status == 206) {
    const auto range = parse_content_range(content_range);
    if (!range || range->last - range->first + 1 != came) refuse(key, "its Content-Range");
    piece.offset = range->first;
    piece.length = came;
    piece.object_size = range->size;
    piece.bytes = std::move(response.body);
  } else {  // the server gives the whole object, because it is short or does not know ranges
    const ByteSpan span =
        resolve_range(suffix ? ByteRange::last(length) : ByteRange::at(offset, length), came);
    if (!into.empty() && span.offset > 0) refuse(key, "the whole object instead of a range");
    if (span.length == 0 && offset > 0) return {std::nullopt, Miss::beyond_end};
    piece.offset = span.offset;
    piece.length = span.length;
    piece.object_size = came;
    piece.bytes = std::move(response.body);
  }
  if (response.status == 200 && into.empty() && piece.length < piece.bytes.size()) {
    piece.bytes = piece.bytes.substr(piece.offset, piece.length);
  }
  return {std::move(piece), Miss::absent};
}

}  // namespace flashflood

// Reads objects of a bucket: small ranges in one request, large ones in parallel pieces, directly
// into place. Checks that the answers have the requested range, and that all pieces belong to one
// object. Damaged bytes are left to the caller: objects hold checksums of their parts.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/object_store.h"
#include "store/s3/s3_client.h"

namespace flashflood {

class S3Reader {
 public:
  explicit S3Reader(S3Client& client) : client_(client) {}

  // As ObjectStore::get, of a key as the bucket knows it.
  std::optional<ObjectPart> get(const std::string& key, ByteRange range);

  // The size of an object, or nothing without one.
  std::optional<std::uint64_t> size_of(const std::string& key);

 private:
  // One answer to a ranged read.
  struct Piece {
    Bytes bytes;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t object_size = 0;
    std::string etag;
  };
  enum class Miss { absent, beyond_end };
  struct Answer {
    std::optional<Piece> piece;
    Miss miss = Miss::absent;  // why there is none
  };

  // The bytes [offset, offset + length) as far as there are any; `suffix`: the last `length`.
  Answer read_piece(const std::string& key, std::uint64_t offset, std::uint64_t length, bool suffix,
                    std::span<char> into = {});
  std::optional<ObjectPart> get_from(const std::string& key, std::uint64_t offset,
                                     std::uint64_t length);
  std::optional<ObjectPart> get_suffix(const std::string& key, std::uint64_t length);
  std::optional<ObjectPart> empty_part(const std::string& key);
  // Fills `rest` with what begins at `from` in the object of which `first` is a piece.
  void read_rest(const std::string& key, const Piece& first, std::uint64_t from,
                 std::span<char> rest);

  S3Client& client_;
};

}  // namespace flashflood

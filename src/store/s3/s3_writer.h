// Writes objects of a bucket: one PUT, or an upload in parts for large ones.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "store/object_store.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_reader.h"
#include "store/s3/s3_xml.h"

namespace flashflood {

class S3Writer {
 public:
  S3Writer(S3Client& client, S3Reader& reader) : client_(client), reader_(reader) {}

  // As of ObjectStore, with keys as the bucket knows them. put_if_absent is always one PUT:
  // servers differ on conditions for uploads in parts.
  void put(const std::string& key, BytesView bytes);
  PutOutcome put_if_absent(const std::string& key, BytesView bytes);

  // Aborts uploads in parts of keys with this prefix that were begun before `time`; how many there
  // were. Throws when one cannot be aborted: its parts go on taking space.
  std::size_t abort_uploads(const std::string& prefix, StoreTimestamp time);

 private:
  S3Request put_request(const std::string& key, BytesView bytes) const;
  void add_encryption(S3Request& request) const;
  void put_in_parts(const std::string& key, BytesView bytes);
  std::string begin_upload(const std::string& key);
  // Nothing, and false, when the server does not know the upload (any more).
  std::optional<S3Part> put_part(const std::string& key, const std::string& id, std::size_t number,
                                 BytesView bytes);
  bool complete_upload(const std::string& key, const std::string& id,
                       const std::vector<S3Part>& parts);
  // Also when it is not known any more.
  void abort_upload(const std::string& key, const std::string& id,
                    std::optional<std::chrono::seconds> time_max = {});
  // After the upload has failed, which is the error that counts: throws nothing, even where the
  // calling thread is stopped.
  void abandon_upload(const std::string& key, const std::string& id) noexcept;

  S3Client& client_;
  S3Reader& reader_;
};

}  // namespace flashflood

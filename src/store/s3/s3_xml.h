// The XML of S3, as values. Answers are read by the local names of elements; elements that are not
// known are passed over.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"

namespace flashflood {

// <Error>: why a request was refused.
struct S3ErrorBody {
  std::string code;
  std::string message;
  std::string region;  // where the bucket is, when that is what was wrong
};
// Nothing when the body is no such document.
std::optional<S3ErrorBody> parse_s3_error(BytesView body);

// <ListBucketResult>
struct S3Listing {
  std::vector<ObjectInfo> objects;  // as they come, keys decoded
  bool truncated = false;
};
// Throws StoreUnavailable when the body is no complete listing. `prefix`: what was asked for, which
// tells how a '+' is meant in encoded keys: some servers leave it as it is.
S3Listing parse_s3_listing(BytesView body, std::string_view prefix = {});

// <ListMultipartUploadsResult>
struct S3Upload {
  std::string key;
  std::string id;
  StoreTimestamp begun{};
};
struct S3Uploads {
  std::vector<S3Upload> uploads;
  bool truncated = false;
  std::string next_key;
  std::string next_id;
};
S3Uploads parse_s3_uploads(BytesView body, std::string_view prefix = {});

// <InitiateMultipartUploadResult>: the id of the upload. Throws StoreUnavailable without one.
std::string parse_s3_upload_id(BytesView body);

// Whether the body says that a multipart upload is complete: status 200 alone does not.
bool parse_s3_complete(BytesView body);

// <DeleteResult>: what was not deleted. Throws StoreUnavailable when the body is no such document.
struct S3DeleteError {
  std::string key;
  std::string code;
  std::string message;
};
std::vector<S3DeleteError> parse_s3_delete(BytesView body);

Bytes format_s3_delete(std::span<const std::string> keys);

struct S3Part {
  std::string etag;
  std::string crc32c;  // as in its header; empty: without
};
Bytes format_s3_complete(std::span<const S3Part> parts);

}  // namespace flashflood

// Where a bucket is and how it is spoken to: plain values, from a URL and the environment.
// docs/s3.md lists the variables.
//
// Threads: values and pure functions.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/aws/aws_endpoint.h"

namespace flashflood {

struct S3Config {
  std::string bucket;          // or the ARN of an access point
  std::string access_point{};  // "name-account", with which its host names begin; empty: a bucket
  std::string prefix{};        // without '/' at its end; may be empty
  // Of our own making (object_store.h), or of anybody's, which are only read.
  enum class Keys { ours, any };
  Keys keys = Keys::ours;
  std::string endpoint{};  // "https://host:port", where a path may follow; empty: AWS
  std::string region{};    // empty: learnt from the store
  enum class Addressing { automatic, path, virtual_host };
  Addressing addressing = Addressing::automatic;
  AwsEndpointKind endpoint_kind{};
  bool anonymous = false;
  bool requester_pays = false;
  std::string sse{};             // "AES256", "aws:kms"; empty: what the bucket does by itself
  std::string sse_kms_key_id{};  // empty: the account's own key
  std::string sse_c_key{};       // a key of the caller's (SSE-C), base64; never in a message
  bool checksums = true;         // CRC32C of what is written
  std::string ca_bundle{};
  bool verify_tls = true;
  bool hedging = true;

  // Reads of more than `request_bytes_max` are cut into pieces of `piece_bytes`; objects of more
  // than `multipart_bytes` are uploaded in parts of at least `part_bytes`.
  std::size_t request_bytes_max = std::size_t{16} << 20;
  std::size_t piece_bytes = std::size_t{8} << 20;
  std::size_t multipart_bytes = std::size_t{64} << 20;
  std::size_t part_bytes = std::size_t{16} << 20;
  std::size_t pieces_at_once = 8;  // of one read or upload
};

// Throws InvalidArgument unless the values are possible and fit together.
void check_s3_config(const S3Config& config);

// Whether a text can be the name of a region, and so a part of a host name.
bool is_s3_region(std::string_view name);

// What stands after "s3://": bucket and prefix, as they are (nothing is percent-decoded), or the
// ARN of an access point and a prefix, which says the region too. Throws InvalidArgument.
void set_s3_place(S3Config& config, std::string_view place);

// How URLs of a bucket begin: "https://bucket.s3.eu-west-1.amazonaws.com" or
// "http://host:9000/bucket".
std::string s3_base_url(const S3Config& config, std::string_view region);

// "https://s3.eu-west-1.amazonaws.com": where requests go, for messages.
std::string s3_endpoint(const S3Config& config, std::string_view region);

}  // namespace flashflood

// AWS Signature Version 4: in headers of a request, and in URLs that others may use.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
//
// The path of a URL is signed as it stands in it (S3's rule; the same for a path of "/").
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "store/aws/credentials.h"
#include "store/http/http_client.h"

namespace flashflood {

struct SigningScope {
  std::string_view region;
  std::string_view service;         // "s3", "sts"
  std::chrono::sys_seconds time{};  // by the clock of the server, within its tolerance
};

enum class Payload {
  hashed,    // the signature covers the body
  unhashed,  // it does not: only where TLS protects it
};

// Adds X-Amz-Date, X-Amz-Content-Sha256 (for the service "s3"), X-Amz-Security-Token and
// Authorization, which covers the host, the headers that are there already and the query.
void sign_request(HttpRequest& request, const Credentials& credentials, const SigningScope& scope,
                  Payload payload = Payload::hashed);

// The URL with a signature in its query, with which anybody can GET it for `duration`.
std::string presigned_url(std::string_view url, const Credentials& credentials,
                          const SigningScope& scope, std::chrono::seconds duration);

}  // namespace flashflood

// From an answer that refuses a request to the exception that tells the caller what to do.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "store/http/http_client.h"

namespace flashflood {

// What was asked for, for messages.
struct S3Attempt {
  std::string what;      // "GET s3://bucket/key"
  std::string endpoint;  // "http://127.0.0.1:9000"
  std::string bucket;
  std::string region;
  bool anonymous = false;
};

// The code of the error ("NoSuchKey"); empty when the answer has none.
std::string s3_error_code(const HttpResponse& response);

// Throws what an answer that is no success means, given the code and the message in its body. Of
// the message nothing is passed on that looks like a signature or a token.
[[noreturn]] void throw_s3_error(const S3Attempt& attempt, const HttpResponse& response,
                                 std::string_view code, std::string_view message);

}  // namespace flashflood

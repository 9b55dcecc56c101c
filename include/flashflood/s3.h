// How a bucket is reached, where a program says so itself.
//
// Without this everything is taken from where the AWS tools take it: variables, profiles, the
// services of a machine (docs/s3.md, docs/s3-credentials.md).
//
// Threads: plain values. A credentials callback is called from one thread at a time, on any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace flashflood {

struct S3Credentials {
  std::string access_key_id{};
  std::string secret_access_key{};
  std::string session_token{};                        // empty for those of long life
  std::optional<std::chrono::sys_seconds> expires{};  // nothing: they do not

  bool operator==(const S3Credentials&) const = default;
};

// What is empty is as variables and profiles say.
struct S3Options {
  std::string endpoint{};    // "https://host" or "http://host:port"
  std::string region{};      //
  std::string addressing{};  // "path", "virtual" or "auto"
  std::string profile{};     // of the files of the AWS tools
  // Requests without a signature, for what is public.
  std::optional<bool> anonymous{};
  // Called when credentials are needed for the first time, and again before those that it gave
  // expire, while a replay runs too. What it throws ends the call that needs them: an Error as it
  // is, anything else as PermissionDenied.
  std::function<S3Credentials()> credentials{};
  // A file of trusted certificates (PEM), and whether certificates are looked at at all.
  std::string ca_bundle{};
  std::optional<bool> verify_tls{};
  // A key of yours that the server encrypts objects with and does not keep (SSE-C): 32 bytes in
  // base64. Whoever reads the flood must give it too; what is lost with it is lost.
  std::string sse_c_key{};

  // Whether nothing is said.
  bool empty() const {
    return endpoint.empty() && region.empty() && addressing.empty() && profile.empty() &&
           !anonymous && !credentials && ca_bundle.empty() && !verify_tls && sse_c_key.empty();
  }
};

}  // namespace flashflood

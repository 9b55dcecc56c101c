// Settings for a bucket that a program gives itself.
//
// Without them FlashFlood uses the same sources as the AWS tools: variables, profiles, the services
// of a machine (docs/s3.md, docs/s3-credentials.md).
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
  std::string session_token{};                        // empty for long-lived credentials
  std::optional<std::chrono::sys_seconds> expires{};  // unset: never

  bool operator==(const S3Credentials&) const = default;
};

// Empty fields take the value of variables and profiles.
struct S3Options {
  std::string endpoint{};    // "https://host" or "http://host:port"
  std::string region{};      //
  std::string addressing{};  // "path", "virtual" or "auto"
  std::string profile{};     // of the files of the AWS tools
  // Requests without a signature, for public buckets.
  std::optional<bool> anonymous{};
  // Called when credentials are needed for the first time, and again before the returned ones
  // expire, also during a replay. An exception from it ends the call that needs them: an Error as
  // it is, anything else as PermissionDenied.
  std::function<S3Credentials()> credentials{};
  // A file of trusted certificates (PEM), and whether certificates are verified at all.
  std::string ca_bundle{};
  std::optional<bool> verify_tls{};
  // A key of your own, with which the server encrypts objects and which it does not keep (SSE-C):
  // 32 bytes in base64. Every reader of the flood must give it. If it is lost, so is the flood.
  std::string sse_c_key{};

  // Whether no field is set.
  bool empty() const {
    return endpoint.empty() && region.empty() && addressing.empty() && profile.empty() &&
           !anonymous && !credentials && ca_bundle.empty() && !verify_tls && sse_c_key.empty();
  }
};

}  // namespace flashflood

// Credentials of an S3 store, and where they come from.
//
// Threads: values; get() of a source may be called from several threads at once.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace flashflood {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;                          // empty for those of long life
  std::optional<std::chrono::sys_seconds> expires{};  // nothing: they do not
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Valid credentials, refreshed before they expire. Nothing: this source has none (it is not
  // configured). Throws PermissionDenied or StoreUnavailable when it is configured and fails.
  virtual std::optional<Credentials> get() = 0;
};

}  // namespace flashflood

// Credentials of an S3 store, and where they come from.
//
// Threads: values; get() of a source may be called from several threads at once.
#pragma once

#include <optional>

#include "flashflood/s3.h"

namespace flashflood {

using Credentials = S3Credentials;

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Valid credentials, refreshed before they expire. Nothing: this source has none (it is not
  // configured). Throws PermissionDenied or StoreUnavailable when it is configured and fails.
  virtual std::optional<Credentials> get() = 0;
  // After the store has refused these as no longer valid: whether get() gives others now, for which
  // the source is asked once more, unless it just was. Throws as get() does.
  virtual bool renew(const Credentials& refused) = 0;
};

}  // namespace flashflood

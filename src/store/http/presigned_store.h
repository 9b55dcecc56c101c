// A store that knows nothing but a few presigned URLs: what reads a split without credentials.
//
// Threads: as ObjectStore.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "store/http/http_client.h"
#include "store/object_store.h"

namespace flashflood {

struct PresignedObject {
  std::string key;
  std::string url;
  std::uint64_t bytes = 0;  // of the object
};

// Answers get() for these keys with one plain GET each (with Range), and asks no other URL and no
// other host. Requests are not repeated: the caller adds that (retry_store.h).
//
// Beside the errors of ObjectStore, get() throws SnapshotExpired when the server says that the
// object is gone, or that the URL has expired (`expires` decides where it does not say why it
// refuses). Everything that changes or lists is PermissionDenied.
std::shared_ptr<ObjectStore> make_presigned_store(std::shared_ptr<HttpClient> client,
                                                  std::shared_ptr<Clock> clock,
                                                  std::vector<PresignedObject> objects,
                                                  Timestamp expires);

}  // namespace flashflood

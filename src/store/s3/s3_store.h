// A bucket of S3, or of a server that speaks S3, as an ObjectStore.
//
// Threads: as ObjectStore.
#pragma once

#include <memory>

#include "base/environment.h"
#include "store/aws/credentials.h"
#include "store/http/http_client.h"
#include "store/object_store.h"
#include "store/retrier.h"
#include "store/s3/s3_config.h"

namespace flashflood {

// Makes no request. Takes clock and io of `environment`. `credentials` is not needed when
// `config.anonymous`. Throws InvalidArgument for a configuration that cannot be.
//
// Errors beside those of ObjectStore: NotAFlood when there is no such bucket, InvalidArgument when
// it is in another region, StoreUnsuitable when the server cannot do what is needed. Failed
// requests are RequestFailed; none is repeated but to mend region, clock or credentials, and but
// for the pieces of a large read and what an upload in parts takes, for which `retrier` is.
std::shared_ptr<ObjectStore> make_s3_store(const S3Config& config, std::shared_ptr<HttpClient> http,
                                           std::shared_ptr<CredentialSource> credentials,
                                           const Environment& environment,
                                           std::shared_ptr<Retrier> retrier);

}  // namespace flashflood

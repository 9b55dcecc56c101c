// From the name of a flood to its store.
//
// Threads: pure functions, apart from the file system.
#pragma once

#include <memory>
#include <string_view>

#include "base/environment.h"
#include "flashflood/s3.h"
#include "store/object_store.h"
#include "store/retrier.h"

namespace flashflood {

// Opens the store of a URL: a bare path and file:///path (percent-encoded) are a folder, which
// `create` makes when it is missing; memory://name is a store in this process, which is there as
// soon as it is named; s3://bucket/prefix is a bucket (s3a:// too), which is never made and not
// asked for before the first request (docs/s3.md). Requests are not repeated: the caller adds that
// (retry_store.h), with `retrier`, which repeats the shares of large ones.
//
// Throws InvalidArgument for a malformed URL, and for `s3` where there is no bucket;
// StoreUnsuitable for another scheme, NotAFlood when there is no such folder, PermissionDenied.
std::shared_ptr<ObjectStore> open_store(std::string_view url, bool create,
                                        const Environment& environment,
                                        std::shared_ptr<Retrier> retrier, const S3Options& s3 = {});

// Opens a bucket or a folder that is no flood, to be read: its keys and its prefix may be any
// bytes, changes are refused with PermissionDenied. Without a prefix the keys of a bucket begin
// with '/'. With a profile among the options, what the environment says about endpoint and region
// is not meant for it. Throws as open_store().
std::shared_ptr<ObjectStore> open_foreign_store(std::string_view url,
                                                const Environment& environment,
                                                std::shared_ptr<Retrier> retrier,
                                                const S3Options& s3 = {});

}  // namespace flashflood

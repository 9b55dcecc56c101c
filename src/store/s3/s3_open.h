// From "s3://bucket/prefix" and the environment to a store.
//
// Threads: pure functions, apart from the files of the AWS tools.
#pragma once

#include <memory>
#include <string_view>

#include "base/environment.h"
#include "flashflood/s3.h"
#include "store/aws/aws_config.h"
#include "store/object_store.h"
#include "store/retrier.h"
#include "store/s3/s3_config.h"

namespace flashflood {

// What the caller, the environment and the profile say about a bucket; `place` is what follows
// "s3://". Throws InvalidArgument, naming the setting, for values that make no sense.
S3Config load_s3_config(std::string_view place, const AwsConfig& aws, const S3Options& options = {},
                        S3Config::Keys keys = S3Config::Keys::ours);

// The store of `place` as `options` and the process's environment describe it. Makes no request.
// `retrier`: see make_s3_store.
std::shared_ptr<ObjectStore> open_s3_store(std::string_view place, const Environment& environment,
                                           std::shared_ptr<Retrier> retrier,
                                           const S3Options& options = {});

// The same for objects of somebody else: see open_foreign_store().
std::shared_ptr<ObjectStore> open_foreign_s3_store(std::string_view place,
                                                   const Environment& environment,
                                                   std::shared_ptr<Retrier> retrier,
                                                   const S3Options& options);

}  // namespace flashflood

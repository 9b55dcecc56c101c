// From "s3://bucket/prefix" and the environment to a store.
//
// Threads: pure functions, apart from the files of the AWS tools.
#pragma once

#include <memory>
#include <string_view>

#include "base/environment.h"
#include "store/object_store.h"
#include "store/s3/aws_config.h"
#include "store/s3/s3_config.h"

namespace flashflood {

// What the environment and the profile say about a bucket; `place` is what follows "s3://". Throws
// InvalidArgument, naming the variable, for values that make no sense.
S3Config load_s3_config(std::string_view place, const AwsConfig& aws);

// The store of `place` as the process's environment describes it. Makes no request.
std::shared_ptr<ObjectStore> open_s3_store(std::string_view place, const Environment& environment);

}  // namespace flashflood

// A folder with the objects of somebody else, to be read: an object is a regular file, whatever its
// name, and its path below the root is its key. Nothing is ever written, not even made durable.
// Symbolic links below the root are passed over.
//
// Threads: as ObjectStore.
#pragma once

#include <filesystem>
#include <memory>

#include "store/object_store.h"

namespace flashflood {

// Throws NotAFlood when there is no such folder, PermissionDenied. Changes throw PermissionDenied.
std::shared_ptr<ObjectStore> open_foreign_folder(const std::filesystem::path& root);

}  // namespace flashflood

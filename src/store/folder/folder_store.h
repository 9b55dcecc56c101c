// A store in a local folder: the embedded default. It keeps the promises of a bucket.
//
// Any number of processes on one machine may use a folder at once. An object is a regular file
// whose path below the root is its key. Symbolic links below the root are refused, the root itself
// may be one. Other things that lie in the folder are passed over: what is no regular file, and
// names that cannot be part of a key.
//
// Durability. An object's bytes are made durable (fsync of the file), then its name is linked, then
// the name is made durable (fsync of the directory), then the put is acknowledged. Relied upon is
// that fsync of a file keeps its bytes and size, whatever happens to its name later, and that fsync
// of a directory keeps the names in it. Files without a name (O_TMPFILE) are used where fsync is
// known to keep their bytes too: ext4, XFS, F2FS and tmpfs. (btrfs writes nothing about a file
// without a name; an fsync of the directory after linking would keep an empty file.) Elsewhere a
// temporary name is renamed without replacing, or linked and unlinked.
//
// Threads: as ObjectStore. Lifetime: keeps the directories in use open.
#pragma once

#include <filesystem>
#include <memory>

#include "store/object_store.h"

namespace flashflood {

// How an object comes into being before it has its name.
enum class FolderTemporaries {
  automatic,  // the first of the following that the file system is good for
  unnamed,    // O_TMPFILE, then linkat
  renamed,    // a temporary name, then renameat2 with RENAME_NOREPLACE
  linked,     // a temporary name, then linkat and unlinkat
};

// Opens the folder `root`; with `create` it is made, with the folders above it, when it is not
// there. Throws NotAFlood when there is no such folder (or something else lies there), and
// PermissionDenied. A put throws StoreUnsuitable when the file system has no way to give a file a
// name only if that is free.
std::shared_ptr<ObjectStore> open_folder_store(
    const std::filesystem::path& root, bool create,
    FolderTemporaries temporaries = FolderTemporaries::automatic);

}  // namespace flashflood

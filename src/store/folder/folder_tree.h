// The open directories of a folder store, found by their place below the root.
//
// Directories are opened one below the other and never through a symbolic link. Each is made
// durable in the one above before anything in it is relied upon.
//
// Threads: every function may be called from several threads at once. Lifetime: at most 64
// directories are kept open, beside those in use.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "store/folder/folder_directory.h"

namespace flashflood {

// Where an object lies.
struct Place {
  std::string folder;  // "" (the root) or ending in '/'
  std::string name;    // empty for a prefix that ends in '/'
};
Place place_of(std::string_view key);

using DirectoryHandle = std::shared_ptr<Directory>;

class FolderTree {
 public:
  FolderTree(FileHandle root, const std::string& path)
      : root_(std::make_shared<Directory>(std::move(root), path)) {}

  // The directory of `folder`; nothing when it is not there and `create` does not ask to make it.
  // Throws NotAFlood when something else has its name.
  DirectoryHandle open(const std::string& folder, bool create);
  // Whether a directory that open() gave was removed: then the next open() looks for it anew.
  // Throws NotAFlood when it is the root.
  bool forget_if_removed(const std::string& folder, const Directory& directory);

 private:
  DirectoryHandle open_below(Directory& parent, const std::string& name, bool create);

  const DirectoryHandle root_;
  std::mutex mutex_;
  std::map<std::string, DirectoryHandle, std::less<>> open_;  // guarded by mutex_
};

}  // namespace flashflood

#include "store/folder/folder_tree.h"

#include <fcntl.h>

#include <utility>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

constexpr std::size_t open_directories_max = 64;
// A directory that vanishes during a request is looked up again this often.
constexpr int tries_max = 4;

}  // namespace

Place place_of(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) return {"", std::string(key)};
  return {std::string(key.substr(0, slash + 1)), std::string(key.substr(slash + 1))};
}

DirectoryHandle FolderTree::open(const std::string& folder, bool create) {
  if (folder.empty()) return root_;
  {
    std::lock_guard lock(mutex_);
    const auto found = open_.find(folder);
    if (found != open_.end()) return found->second;
  }
  const Place place = place_of(std::string_view(folder).substr(0, folder.size() - 1));
  for (int tries = 0; tries < tries_max; ++tries) {
    const DirectoryHandle parent = open(place.folder, create);
    if (!parent) return nullptr;
    DirectoryHandle opened = open_below(*parent, place.name, create);
    if (opened) {
      std::lock_guard lock(mutex_);
      if (open_.size() >= open_directories_max) open_.clear();
      return open_.insert_or_assign(folder, std::move(opened)).first->second;
    }
    if (!forget_if_removed(place.folder, *parent) && !create) return nullptr;
  }
  throw StoreUnavailable("the folder " + quote(root_->path_of(folder), 300) + " keeps vanishing");
}

// Nothing when it is not there.
DirectoryHandle FolderTree::open_below(Directory& parent, const std::string& name, bool create) {
  const std::string path = parent.path_of(name);
  const auto open_folder = [&] {
    return open_at(parent.descriptor(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  };
  FileHandle handle = open_folder();
  if (!handle && errno == ENOENT && create) {
    if (::mkdirat(parent.descriptor(), name.c_str(), 0777) != 0 && errno != EEXIST &&
        errno != ENOENT) {
      throw_system_error(errno, "make the folder", path);
    }
    handle = open_folder();
  }
  struct stat status {};
  if (!handle) {
    const int error = errno;
    if (error == ENOENT) return nullptr;
    if (error == ENOTDIR &&
        ::fstatat(parent.descriptor(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      if (S_ISLNK(status.st_mode)) throw_system_error(ELOOP, "open the folder", path);
      throw NotAFlood("there is something else where a folder should be: " + quote(path, 300));
    }
    throw_system_error(error, "open the folder", path);
  }
  if (::fstat(handle.get(), &status) != 0) throw_system_error(errno, "examine", path);
  // Its date changes with its contents, so that it is no part of what is remembered.
  status.st_ctim = {};
  const Directory::Mark mark = Directory::mark_of(name, status);
  parent.make_durable({&mark, 1});
  return std::make_shared<Directory>(std::move(handle), path);
}

bool FolderTree::forget_if_removed(const std::string& folder, const Directory& directory) {
  if (!directory.removed()) return false;
  if (folder.empty()) {
    throw NotAFlood("the folder " + quote(root_->path(), 300) + " was removed");
  }
  std::lock_guard lock(mutex_);
  const auto found = open_.find(folder);
  if (found != open_.end() && found->second.get() == &directory) open_.erase(found);
  return true;
}

}  // namespace flashflood

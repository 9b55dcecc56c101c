// One open directory of a folder store, and which of its names are known to be durable.
//
// A name that another process linked may not be durable yet: that process has still to fsync the
// directory. Who relies on such a name makes it durable first. So that reading stays cheap, the
// names that were there at the last fsync are remembered.
//
// Threads: every function may be called from several threads at once. Lifetime: holds a file
// descriptor; goes on to stand for the same directory when that is renamed or removed.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/posix_file.h"

namespace flashflood {

class Directory {
 public:
  enum class Type { file, folder, other };
  struct Entry {
    std::string name;
    Type type = Type::other;
  };
  // Stands for one name that leads to one file.
  using Mark = std::uint64_t;

  Directory(FileHandle handle, std::string path)
      : handle_(std::move(handle)), path_(std::move(path)) {}

  int descriptor() const noexcept { return handle_.get(); }
  const std::string& path() const noexcept { return path_; }
  std::string path_of(std::string_view name) const { return path_ + '/' + std::string(name); }

  // Whether the directory itself was removed, so that nothing can be in it any more.
  bool removed() const;
  struct Scan {
    std::vector<Entry> entries;  // in no order, without "." and ".."
    // The system gave them in several calls, between which names can come and go. Within one call
    // it keeps changes of the directory out.
    bool in_steps = false;
  };
  Scan scan() const;

  static Mark mark_of(std::string_view name, const struct stat& status) noexcept;
  // Returns when all these names are durable; an fsync only if one of them is not known to be.
  void make_durable(std::span<const Mark> marks);
  // The directory's names are durable; `mark` is one of them.
  void sync_with(Mark mark);
  void sync();

 private:
  void remember(std::span<const Mark> marks);

  const FileHandle handle_;
  const std::string path_;
  std::mutex mutex_;
  std::unordered_set<Mark> durable_;  // guarded by mutex_
};

}  // namespace flashflood

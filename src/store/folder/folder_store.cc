#include "store/folder/folder_store.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <utility>

#include "base/environment.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "store/folder/folder_tree.h"
#include "store/folder/folder_upload.h"

namespace flashflood {
namespace {

constexpr std::size_t page_max = 100'000;  // objects in one listing
constexpr int tries_max = 4;               // while a folder or a name comes and goes

// Whether an error says that the file system does not offer this way, rather than that this object
// cannot be stored.
bool not_offered(int error) noexcept {
  return error == EOPNOTSUPP || error == EINVAL || error == ENOSYS || error == EISDIR ||
         error == ENOENT || error == EPERM || error == EXDEV;
}

FolderTemporaries next_way(FolderTemporaries how) noexcept {
  return how == FolderTemporaries::unnamed ? FolderTemporaries::renamed : FolderTemporaries::linked;
}

FolderTemporaries best_way(const FileHandle& root) noexcept {
  constexpr auto f2fs = 0xF2F52010;
  struct statfs status {};
  if (::fstatfs(root.get(), &status) != 0) return FolderTemporaries::renamed;
  const auto type = static_cast<std::uint32_t>(status.f_type);
  const bool keeps_unnamed =
      type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC || type == f2fs || type == TMPFS_MAGIC;
  return keeps_unnamed ? FolderTemporaries::unnamed : FolderTemporaries::renamed;
}

std::int64_t clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Names this boot of the machine. Where the kernel does not say, each process is a boot of its own.
std::string read_boot_id() {
  const FileHandle file = open_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY);
  std::string id(36, '\0');
  if (file && uninterrupted([&] { return ::read(file.get(), id.data(), id.size()); }) == 36) {
    return id;
  }
  std::array<std::byte, 16> bytes;
  make_system_random()->fill(bytes);
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

const std::string& boot_id() {
  static const std::string id = read_boot_id();
  return id;
}

std::string url_of(const std::string& path) {
  std::string url = "file://";
  for (const char c : path) {
    if (c == '/' || c == '~' || is_key(std::string_view(&c, 1)) || c == '.') {
      url += c;
    } else {
      const std::string hex = to_hex({&c, 1});
      url += '%';
      for (const char digit : hex) url += digit >= 'a' ? static_cast<char>(digit - 32) : digit;
    }
  }
  return url;
}

class FolderStore final : public ObjectStore {
 public:
  FolderStore(std::string root, FileHandle handle, FolderTemporaries temporaries)
      : root_path_(std::move(root)),
        chosen_(temporaries == FolderTemporaries::automatic),
        how_(chosen_ ? best_way(handle) : temporaries),
        tree_(std::move(handle), root_path_) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override;
  void put(std::string_view key, BytesView bytes) override { upload(key, bytes, true); }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    return upload(key, bytes, false);
  }
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override;
  void remove(std::span<const std::string> keys) override;
  StoreTime now() override {
    return {StoreTimestamp(std::chrono::nanoseconds(clock_ns(CLOCK_REALTIME))), boot_id(),
            std::chrono::nanoseconds(clock_ns(CLOCK_BOOTTIME))};
  }
  StoreTraits traits() const override { return {.lists_in_order = false}; }
  std::size_t sweep(std::chrono::seconds age) override { return sweep_folder("", age); }
  std::string describe() const override { return url_of(root_path_); }

 private:
  struct Listing {
    std::string_view start_after;
    std::size_t limit;
    ListPage page;
  };

  bool check_taken(Directory& directory, const std::string& name);
  PutOutcome upload(std::string_view key, BytesView bytes, bool replace);
  int try_upload(Directory& directory, const std::string& name, BytesView bytes, bool replace);
  void list_folder(const std::string& folder, std::string_view filter, Listing& listing);
  std::size_t sweep_folder(const std::string& folder, std::chrono::seconds age);

  const std::string root_path_;
  const bool chosen_;  // `how_` is ours to change
  std::atomic<FolderTemporaries> how_;
  FolderTree tree_;
};

std::optional<ObjectPart> FolderStore::get(std::string_view key, ByteRange range) {
  check_key(key);
  const Place place = place_of(key);
  while (true) {
    const DirectoryHandle directory = tree_.open(place.folder, false);
    if (!directory) return std::nullopt;
    // O_NONBLOCK: opening a named pipe would wait for somebody to write to it.
    const FileHandle file =
        open_at(directory->descriptor(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const std::string path = directory->path_of(place.name);
    if (!file) {
      const int error = errno;
      if (error == ENOENT && tree_.forget_if_removed(place.folder, *directory)) continue;
      if (error == ENOENT || error == ENXIO) return std::nullopt;
      throw_system_error(error, "open", path);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_system_error(errno, "examine", path);
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    if (place.folder.empty()) {
      // Objects at the root (the settings) are relied upon without having been listed.
      const Directory::Mark mark = Directory::mark_of(place.name, status);
      directory->make_durable({&mark, 1});
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const ByteSpan span = resolve_range(range, size);
    return ObjectPart{read_exactly(file, span.offset, span.length, path), size};
  }
}

// Whether an object has this name. Makes it durable then; throws when something else has the name.
bool FolderStore::check_taken(Directory& directory, const std::string& name) {
  struct stat status {};
  if (::fstatat(directory.descriptor(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    throw_system_error(errno, "examine", directory.path_of(name));
  }
  if (S_ISLNK(status.st_mode)) throw_system_error(ELOOP, "write", directory.path_of(name));
  if (!S_ISREG(status.st_mode)) {
    throw NotAFlood("there is something else where an object should be: " +
                    quote(directory.path_of(name), 300));
  }
  const Directory::Mark mark = Directory::mark_of(name, status);
  directory.make_durable({&mark, 1});
  return true;
}

PutOutcome FolderStore::upload(std::string_view key, BytesView bytes, bool replace) {
  check_key(key);
  const Place place = place_of(key);
  for (int tries = 0; tries < tries_max; ++tries) {
    const DirectoryHandle directory = tree_.open(place.folder, true);
    if (check_taken(*directory, place.name) && !replace) return PutOutcome::exists;
    const int error = try_upload(*directory, place.name, bytes, replace);
    if (error == 0) return PutOutcome::created;
    // The name was free before and may be free again now: then the loop tries once more.
    if (error == EEXIST && check_taken(*directory, place.name)) return PutOutcome::exists;
    if (error == EEXIST) continue;
    if (!tree_.forget_if_removed(place.folder, *directory)) {
      throw_system_error(error, "write", directory->path_of(place.name));
    }
  }
  throw StoreUnavailable("the name of the object " + quote(key) + " comes and goes");
}

// Returns 0 when the object is stored and durable, EEXIST when the name is taken, or another errno.
int FolderStore::try_upload(Directory& directory, const std::string& name, BytesView bytes,
                            bool replace) {
  FolderTemporaries how = how_;
  while (true) {
    Upload upload(directory, how);
    int error = upload.open();
    if (error != 0 && how != FolderTemporaries::unnamed) return error;
    if (error == 0) {
      upload.write(bytes, directory.path_of(name));
      error = upload.publish(name);
      if (error == EEXIST && replace) error = upload.replace(name);
    }
    if (error == 0) {
      directory.sync_with(Directory::mark_of(name, upload.status()));
      if (chosen_) how_ = how;
      return 0;
    }
    if (!not_offered(error) || directory.removed()) return error;
    if (how == FolderTemporaries::linked && error != ENOENT) {
      throw StoreUnsuitable(
          "the file system cannot give " + quote(directory.path_of(name), 300) +
          " its name only if that is free: " + std::generic_category().message(error));
    }
    if (!chosen_ || how == FolderTemporaries::linked) return error;
    how = next_way(how);
  }
}

ListPage FolderStore::list(std::string_view prefix, std::string_view start_after,
                           std::size_t limit) {
  check_prefix(prefix);
  const Place place = place_of(prefix);
  Listing listing{start_after, limit == 0 ? page_max : std::min(limit, page_max), {}};
  list_folder(place.folder, place.name, listing);
  return std::move(listing.page);
}

// Appends what lies below `folder` and begins with `filter` there.
void FolderStore::list_folder(const std::string& folder, std::string_view filter,
                              Listing& listing) {
  DirectoryHandle directory = tree_.open(folder, false);
  if (!directory) return;
  Directory::Scan scanned = directory->scan();
  std::vector<Directory::Entry>& entries = scanned.entries;
  if (entries.empty() && tree_.forget_if_removed(folder, *directory)) {
    return list_folder(folder, filter, listing);
  }
  std::erase_if(entries, [&](const Directory::Entry& entry) {
    return entry.type == Directory::Type::other || !entry.name.starts_with(filter) ||
           !is_key(entry.name);
  });
  // A folder stands where its objects stand.
  for (Directory::Entry& entry : entries) {
    if (entry.type == Directory::Type::folder) entry.name += '/';
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });

  std::vector<Directory::Mark> marks;
  ListPage& page = listing.page;
  page.in_steps = page.in_steps || scanned.in_steps;
  for (const Directory::Entry& entry : entries) {
    if (page.more) break;
    std::string key = folder + entry.name;
    if (entry.type == Directory::Type::folder) {
      if (key < listing.start_after && !listing.start_after.starts_with(key)) continue;
      list_folder(key, {}, listing);
      continue;
    }
    if (key <= listing.start_after) continue;
    // A directory that changes while it is read may give a name twice.
    if (!page.objects.empty() && page.objects.back().key == key) continue;
    if (page.objects.size() == listing.limit) {
      page.more = true;
      break;
    }
    struct stat status {};
    if (::fstatat(directory->descriptor(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // removed meanwhile
      throw_system_error(errno, "examine", directory->path_of(entry.name));
    }
    if (!S_ISREG(status.st_mode)) continue;
    marks.push_back(Directory::mark_of(entry.name, status));
    // The date of change would do for the etag as well, but changes with owner and rights.
    const std::int64_t written =
        std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    page.objects.push_back({std::move(key), static_cast<std::uint64_t>(status.st_size),
                            StoreTimestamp(std::chrono::nanoseconds(changed_ns(status))),
                            std::to_string(status.st_ino) + '-' + std::to_string(written)});
  }
  directory->make_durable(marks);
}

void FolderStore::remove(std::span<const std::string> keys) {
  std::map<std::string, std::vector<std::string>> names;
  for (const std::string& key : keys) {
    check_key(key);
    Place place = place_of(key);
    names[std::move(place.folder)].push_back(std::move(place.name));
  }
  for (const auto& [folder, in_folder] : names) {
    const DirectoryHandle directory = tree_.open(folder, false);
    if (!directory) continue;
    // What justifies the removal may lie in the same directory: it must not be lost before.
    directory->sync();
    bool any = false;
    for (const std::string& name : in_folder) {
      if (::unlinkat(directory->descriptor(), name.c_str(), 0) == 0) {
        any = true;
      } else if (errno != ENOENT && errno != EISDIR) {
        throw_system_error(errno, "remove", directory->path_of(name));
      }
    }
    if (any) directory->sync();
  }
}

std::size_t FolderStore::sweep_folder(const std::string& folder, std::chrono::seconds age) {
  const DirectoryHandle directory = tree_.open(folder, false);
  if (!directory) return 0;
  const std::int64_t limit = clock_ns(CLOCK_REALTIME) - std::chrono::nanoseconds(age).count();
  std::size_t swept = 0;
  const Directory::Scan scanned = directory->scan();
  for (const Directory::Entry& entry : scanned.entries) {
    if (entry.type == Directory::Type::folder && is_key(entry.name)) {
      swept += sweep_folder(folder + entry.name + '/', age);
    }
    if (entry.type != Directory::Type::file || !entry.name.starts_with(temporary_prefix)) continue;
    struct stat status {};
    const char* const name = entry.name.c_str();
    if (::fstatat(directory->descriptor(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (changed_ns(status) > limit) continue;
    if (::unlinkat(directory->descriptor(), name, 0) == 0) {
      ++swept;
    } else if (errno != ENOENT) {
      throw_system_error(errno, "remove", directory->path_of(entry.name));
    }
  }
  return swept;
}

// Makes the folder, and those above it, durably.
void make_root(const std::filesystem::path& root) {
  const std::filesystem::path parent = root.parent_path();
  if (::mkdir(root.c_str(), 0777) != 0 && errno != EEXIST) {
    if (errno != ENOENT || parent == root) throw_system_error(errno, "make the folder", root);
    make_root(parent);
    if (::mkdir(root.c_str(), 0777) != 0 && errno != EEXIST) {
      throw_system_error(errno, "make the folder", root);
    }
  }
  const FileHandle above = open_at(AT_FDCWD, parent.c_str(), O_RDONLY | O_DIRECTORY);
  // Who may use a folder need not be allowed to read the one above.
  if (above) sync_file(above, parent);
}

}  // namespace

std::shared_ptr<ObjectStore> open_folder_store(const std::filesystem::path& root, bool create,
                                               FolderTemporaries temporaries) {
  if (root.empty() || root.native().find('\0') != std::string::npos) {
    throw InvalidArgument("the path of the folder is empty or has a NUL in it");
  }
  std::string path = std::filesystem::absolute(root);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const auto open = [&path] { return open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY); };
  FileHandle handle = open();
  if (!handle && errno == ENOENT && create) {
    make_root(path);
    handle = open();
  }
  if (!handle) {
    if (errno == ENOENT) throw NotAFlood("there is no folder " + quote(path, 300));
    if (errno == ENOTDIR) throw NotAFlood(quote(path, 300) + " is not a folder");
    throw_system_error(errno, "open the folder", path);
  }
  return std::make_shared<FolderStore>(std::move(path), std::move(handle), temporaries);
}

}  // namespace flashflood

#include "store/folder/foreign_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "base/posix_file.h"
#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t objects_at_once = 200'000;  // objects in one listing

// Whether a key can be the path of a file below the root.
bool is_path(std::string_view key) {
  if (key.find('\0') != key.npos) return false;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

class ForeignFolder final : public ObjectStore {
 public:
  explicit ForeignFolder(fs::path root) : root_(std::move(root)) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    if (!is_path(key)) return std::nullopt;
    const std::string path = root_ / key;
    const FileHandle file = open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file) {
      if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG) {
        return std::nullopt;
      }
      throw_system_error(errno, "open", path);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_system_error(errno, "examine", path);
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const ByteSpan span = resolve_range(range, size);
    return ObjectPart{read_exactly(file, span.offset, span.length, path), size};
  }

  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    limit = limit == 0 ? objects_at_once : std::min(limit, objects_at_once);
    ListPage page;
    std::vector<ObjectInfo>& objects = page.objects;
    const auto keep_least = [&] {
      const auto by_key = [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; };
      std::sort(objects.begin(), objects.end(), by_key);
      if (objects.size() > limit) {
        page.more = true;
        objects.resize(limit);
      }
    };
    for_each_file(prefix, [&](std::string key, const fs::directory_entry& entry) {
      if (key <= start_after) return;
      std::error_code error;
      const std::uint64_t size = entry.file_size(error);
      if (error) return;  // removed meanwhile
      objects.push_back({std::move(key), size, {}, {}});
      if (objects.size() >= 2 * limit) keep_least();
    });
    keep_least();
    return page;
  }

  void put(std::string_view, BytesView) override { refuse(); }
  PutOutcome put_if_absent(std::string_view, BytesView) override { refuse(); }
  void remove(std::span<const std::string>) override { refuse(); }
  StoreTime now() override { refuse(); }
  std::string describe() const override { return root_.string(); }

 private:
  template <typename Visit>
  void for_each_file(std::string_view prefix, const Visit& visit) const {
    const std::size_t slash = prefix.rfind('/');
    const std::string_view folder = prefix.substr(0, slash == prefix.npos ? 0 : slash);
    if (!folder.empty() && !is_path(folder)) return;
    const fs::path top = root_ / folder;
    std::error_code error;
    if (!fs::is_directory(top, error)) return;
    auto it = fs::recursive_directory_iterator(top, error);
    while (!error && it != fs::recursive_directory_iterator()) {
      std::string key = it->path().lexically_relative(root_).generic_string();
      std::error_code gone;
      const bool regular = it->symlink_status(gone).type() == fs::file_type::regular;
      if (regular && key.starts_with(prefix)) visit(std::move(key), *it);
      it.increment(error);
    }
    if (error) throw_system_error(error.value(), "list", top);
  }

  [[noreturn]] void refuse() const {
    throw PermissionDenied("the folder " + quote(describe(), 300) + " is only read");
  }

  const fs::path root_;
};

}  // namespace

std::shared_ptr<ObjectStore> open_foreign_folder(const fs::path& root) {
  if (root.empty() || root.native().find('\0') != std::string::npos) {
    throw InvalidArgument("the path of the folder is empty or has a NUL in it");
  }
  const FileHandle handle = open_at(AT_FDCWD, root.c_str(), O_RDONLY | O_DIRECTORY);
  if (!handle) {
    const std::string name = quote(root.string(), 300);
    if (errno == ENOENT) throw NotAFlood("there is no folder " + name);
    if (errno == ENOTDIR) throw NotAFlood(name + " is not a folder");
    throw_system_error(errno, "open the folder", root);
  }
  return std::make_shared<ForeignFolder>(fs::absolute(root));
}

}  // namespace flashflood

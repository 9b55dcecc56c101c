#include "store/folder/folder_upload.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <array>

#include "base/environment.h"
#include "base/text.h"

namespace flashflood {
namespace {

constexpr mode_t file_mode = 0666;  // less the umask of the process

std::string make_temporary_name() {
  static const std::shared_ptr<Random> random = make_system_random();
  std::array<std::byte, 16> bytes;
  random->fill(bytes);
  return std::string(temporary_prefix) +
         to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

Upload::~Upload() {
  if (!temporary_.empty()) ::unlinkat(directory_.descriptor(), temporary_.c_str(), 0);
}

int Upload::open() {
  if (how_ == FolderTemporaries::unnamed) {
    file_ = open_at(directory_.descriptor(), ".", O_TMPFILE | O_WRONLY, file_mode);
    return file_ ? 0 : errno;
  }
  std::string name = make_temporary_name();
  file_ = open_at(directory_.descriptor(), name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW,
                  file_mode);
  if (!file_) return errno;
  temporary_ = std::move(name);
  return 0;
}

void Upload::write(BytesView bytes, const std::string& path) {
  write_all(file_, bytes, path);
  sync_file(file_, path);
}

int Upload::link_unnamed(const std::string& name) {
  const std::string source = "/proc/self/fd/" + std::to_string(file_.get());
  return ::linkat(AT_FDCWD, source.c_str(), directory_.descriptor(), name.c_str(),
                  AT_SYMLINK_FOLLOW) == 0
             ? 0
             : errno;
}

int Upload::publish(const std::string& name) {
  const int folder = directory_.descriptor();
  switch (how_) {
    case FolderTemporaries::automatic:
      break;
    case FolderTemporaries::unnamed:
      return link_unnamed(name);
    case FolderTemporaries::renamed:
      if (::renameat2(folder, temporary_.c_str(), folder, name.c_str(), RENAME_NOREPLACE) != 0) {
        return errno;
      }
      temporary_.clear();
      return 0;
    case FolderTemporaries::linked:
      if (::linkat(folder, temporary_.c_str(), folder, name.c_str(), 0) != 0) {
        // A server may have linked and lost its answer: then the file has two names.
        const int error = errno;
        if (error != EEXIST || status().st_nlink != 2) return error;
      }
      ::unlinkat(folder, temporary_.c_str(), 0);
      temporary_.clear();
      return 0;
  }
  return EINVAL;
}

int Upload::replace(const std::string& name) {
  if (temporary_.empty()) {
    std::string temporary = make_temporary_name();
    const int error = link_unnamed(temporary);
    if (error != 0) return error;
    temporary_ = std::move(temporary);
  }
  const int folder = directory_.descriptor();
  if (::renameat(folder, temporary_.c_str(), folder, name.c_str()) != 0) return errno;
  temporary_.clear();
  return 0;
}

struct stat Upload::status() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) throw_system_error(errno, "examine", directory_.path());
  return status;
}

}  // namespace flashflood

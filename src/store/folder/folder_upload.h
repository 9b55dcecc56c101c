// One object on its way to a folder: written to a temporary file, made durable, then given its
// name.
//
// Threads: an upload belongs to one thread. Lifetime: an upload that was not published leaves
// nothing behind when it is destroyed; a crash may leave a file whose name begins with ".tmp-".
#pragma once

#include <string>
#include <string_view>

#include "store/folder/folder_directory.h"
#include "store/folder/folder_store.h"

namespace flashflood {

inline constexpr std::string_view temporary_prefix = ".tmp-";

class Upload {
 public:
  // `how` is not `automatic`. The directory must live as long as the upload.
  Upload(const Directory& directory, FolderTemporaries how) : directory_(directory), how_(how) {}
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload();

  // The three steps. What the file system refuses is returned as an errno, for the caller to judge
  // (0: done); errors of writing are thrown, with `path` for the message.
  int open();
  void write(BytesView bytes, const std::string& path);  // and makes the bytes durable
  int publish(const std::string& name);                  // EEXIST when the name is taken
  int replace(const std::string& name);                  // takes the name from the file that has it
  // Of the published file.
  struct stat status() const;

 private:
  int link_unnamed(const std::string& name);

  const Directory& directory_;
  const FolderTemporaries how_;
  FileHandle file_;
  std::string temporary_;  // its name while there is one
};

}  // namespace flashflood

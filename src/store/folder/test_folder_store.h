// What the tests of folders as stores look at, and how they are asked.
#pragma once

#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/folder/folder_store.h"
#include "store/folder/test_folder.h"

namespace flashflood {

inline constexpr FolderTemporaries ways[] = {FolderTemporaries::unnamed, FolderTemporaries::renamed,
                                             FolderTemporaries::linked};

inline std::vector<std::string> keys_of(ObjectStore& store, std::string_view prefix = {}) {
  std::vector<std::string> keys;
  for (const ObjectInfo& object : list_all(store, prefix)) keys.push_back(object.key);
  return keys;
}

inline Bytes read(ObjectStore& store, std::string_view key) {
  const auto part = store.get(key, ByteRange::whole());
  return part ? part->bytes : "(absent)";
}

// The number of files in a folder, hidden ones counted.
inline std::size_t count_files(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    count += entry.is_regular_file() ? 1U : 0U;
  }
  return count;
}

template <typename Wanted>
std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Wanted& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

}  // namespace flashflood

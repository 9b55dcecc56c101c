// How the folder store behaves when the machine refuses: rights, full disks, limits.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "flashflood/error.h"
#include "store/folder/folder_store.h"
#include "store/folder/test_folder_store.h"

namespace flashflood {
namespace {

namespace fs = std::filesystem;
using Keys = std::vector<std::string>;

constexpr int child_skipped = 77;

// Runs `body` in a process of its own; its result is the exit status, an exception is 99.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    int status = 99;
    try {
      status = body();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "in the child: %s\n", error.what());
    }
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(FolderLimits, RefusedFoldersArePermissionDenied) {
  const TestFolder folder;
  open_folder_store(folder.path(), true)->put("head/a", "1");
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder.path() / "head").c_str(), 0555);
  ::chmod((folder.path() / "head/a").c_str(), 0444);
  for (const FolderTemporaries way : ways) {
    const int status = in_child([&] {
      // The superuser may write everywhere, so somebody else tries.
      if (::geteuid() == 0 && ::seteuid(65534) != 0) return child_skipped;
      const auto store = open_folder_store(folder.path(), false, way);
      if (read(*store, "head/a") != "1" || keys_of(*store, "head/").size() != 1) return 1;
      const std::string path = (folder.path() / "head").string();
      const auto refused = [&](const std::function<void()>& call) {
        return message_of<PermissionDenied>(call).find(path) != std::string::npos;
      };
      if (!refused([&] { store->put("head/b", "2"); })) return 2;
      if (!refused([&] { static_cast<void>(store->put_if_absent("head/b", "2")); })) return 3;
      if (!refused([&] { store->remove(Keys{"head/a"}); })) return 4;
      return store->put_if_absent("head/a", "2") == PutOutcome::exists ? 0 : 5;
    });
    if (status == child_skipped) GTEST_SKIP() << "rights cannot be given up here";
    EXPECT_EQ(status, 0);
  }
}

TEST(FolderLimits, AReadOnlyFileSystemCanBeRead) {
  const TestFolder folder;
  open_folder_store(folder.path(), true)->put("head/a", "1");
  const int status = in_child([&] {
    const char* const path = folder.path().c_str();
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, "") != 0 ||
        ::mount(path, path, nullptr, MS_BIND, nullptr) != 0 ||
        ::mount("", path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
      return child_skipped;
    }
    const auto store = open_folder_store(folder.path(), false);
    if (read(*store, "head/a") != "1" || keys_of(*store).size() != 1) return 1;
    if (message_of<PermissionDenied>([&] { store->put("head/b", "2"); }).find("head/b") ==
        std::string::npos) {
      return 2;
    }
    return store->put_if_absent("head/a", "2") == PutOutcome::exists ? 0 : 3;
  });
  if (status == child_skipped) GTEST_SKIP() << "this user may not mount file systems";
  EXPECT_EQ(status, 0);
}

TEST(FolderLimits, AFullDiskIsStoreFullAndLeavesNothing) {
  for (const FolderTemporaries way : ways) {
    const TestFolder folder;
    const int status = in_child([&] {
      if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, "") != 0 ||
          ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
        return child_skipped;
      }
      const auto store = open_folder_store(folder.path(), false, way);
      const Bytes body(100'000, 'x');
      Keys stored;
      bool full = false;
      for (int i = 0; i < 100 && !full; ++i) {
        const std::string key = "journals/" + std::to_string(100 + i);
        try {
          if (store->put_if_absent(key, body) == PutOutcome::created) stored.push_back(key);
        } catch (const StoreFull& error) {
          full = true;
          if (std::string(error.what()).find(key) == std::string::npos) return 1;
        }
      }
      if (!full || stored.size() < 5) return 2;
      if (keys_of(*store) != stored || count_files(folder.path()) != stored.size()) return 3;
      for (const std::string& key : stored) {
        if (read(*store, key) != body) return 4;
      }
      store->remove(Keys{stored[0], stored[1]});
      return store->put_if_absent("journals/x", body) == PutOutcome::created ? 0 : 5;
    });
    if (status == child_skipped) GTEST_SKIP() << "this user may not mount file systems";
    EXPECT_EQ(status, 0);
  }
}

TEST(FolderLimits, ALimitOnFileSizesIsStoreFull) {
  const TestFolder folder;
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10'000, 10'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return child_skipped;
    const auto store = open_folder_store(folder.path(), false);
    store->put("small", Bytes(9'000, 'x'));
    try {
      store->put("large", Bytes(20'000, 'x'));
    } catch (const StoreFull&) {
      return keys_of(*store) == Keys{"small"} ? 0 : 1;
    }
    return 2;
  });
  if (status == child_skipped) GTEST_SKIP() << "the limit cannot be set";
  EXPECT_EQ(status, 0);
}

TEST(FolderLimits, RunningOutOfDescriptorsIsUnavailable) {
  const TestFolder folder;
  open_folder_store(folder.path(), true)->put("head/a", "1");
  const int status = in_child([&] {
    const auto store = open_folder_store(folder.path(), false);
    if (read(*store, "head/a") != "1") return 1;
    // UBSan opens a pipe when it first meets an object of a class; later there is none to be had.
    try {
      throw StoreUnavailable("met");
    } catch (const StoreUnavailable&) {
    }
    std::vector<int> taken;
    for (int fd = ::open("/dev/null", O_RDONLY); fd >= 0; fd = ::open("/dev/null", O_RDONLY)) {
      taken.push_back(fd);
    }
    try {
      store->get("head/a", ByteRange::whole());
      return 2;
    } catch (const StoreUnavailable&) {
    }
    for (const int fd : taken) ::close(fd);
    return read(*store, "head/a") == "1" ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace flashflood

// What the folder store makes durable, and when: fsync is watched and can be made to fail. Its
// definition here takes the place of the C library's in this program.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "flashflood/error.h"
#include "store/folder/folder_store.h"
#include "store/folder/test_folder.h"

namespace {

struct Sync {
  bool folder = false;
  bool named = false;  // the file had its last name already
};

std::mutex watch_mutex;
std::vector<Sync> watched;
int files_that_fail = 0;
int folders_that_fail = 0;

}  // namespace

extern "C" int fsync(int descriptor) {
  struct stat status {};
  ::fstat(descriptor, &status);
  std::string path(4096, '\0');
  const ssize_t length =
      ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size());
  path.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  const bool folder = S_ISDIR(status.st_mode);
  {
    std::lock_guard lock(watch_mutex);
    watched.push_back({folder, status.st_nlink > 0 && path.find(".tmp-") == std::string::npos});
    int& failures = folder ? folders_that_fail : files_that_fail;
    if (failures > 0) {
      --failures;
      errno = EIO;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace flashflood {
namespace {

using Keys = std::vector<std::string>;
using Way = std::pair<std::string, FolderTemporaries>;

class FolderDurability : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    store_ = open();
    store_->put("head/first", "0");  // makes the folder
    take();
  }
  void TearDown() override { files_that_fail = folders_that_fail = 0; }

  std::shared_ptr<ObjectStore> open() {
    return open_folder_store(folder_.path(), true, GetParam().second);
  }
  // What was synced since the last call: 'f' a file before it was named, 'F' after, 'd' a folder.
  static std::string take() {
    std::string kinds;
    for (const Sync& sync : watched) kinds += sync.folder ? 'd' : sync.named ? 'F' : 'f';
    watched.clear();
    return kinds;
  }

  TestFolder folder_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_P(FolderDurability, AnObjectIsDurableBeforeItHasAName) {
  store_->put("head/a", "1");
  EXPECT_EQ(take(), "fd");
  EXPECT_EQ(store_->put_if_absent("head/b", "1"), PutOutcome::created);
  EXPECT_EQ(take(), "fd");
}

TEST_P(FolderDurability, ANewFolderIsDurableBeforeItsObjects) {
  store_->put("journals/a", "1");
  EXPECT_EQ(take(), "dfd");
}

TEST_P(FolderDurability, ListingMakesTheNamesOfOthersDurableOnce) {
  EXPECT_EQ(store_->list("head/", "", 0).objects.size(), 1U);
  EXPECT_EQ(take(), "");  // its own
  folder_.write("head/by-another", "linked, not yet synced");
  EXPECT_EQ(store_->list("head/", "", 0).objects.size(), 2U);
  EXPECT_EQ(take(), "d");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(store_->list("head/", "", 0).objects.size(), 2U);
  EXPECT_EQ(take(), "");
  // The same name made anew is another name.
  std::filesystem::remove(folder_.path() / "head/by-another");
  folder_.write("head/by-another", "again");
  EXPECT_EQ(store_->list("head/by", "", 0).objects.size(), 1U);
  EXPECT_EQ(take(), "d");
}

TEST_P(FolderDurability, AnotherHandleReliesOnNothingItHasNotSynced) {
  const auto other = open();
  EXPECT_EQ(other->list("head/", "", 0).objects.size(), 1U);
  EXPECT_EQ(take(), "dd");  // the folder in the root, the object in the folder
  EXPECT_EQ(other->list("head/", "", 0).objects.size(), 1U);
  EXPECT_EQ(take(), "");
}

TEST_P(FolderDurability, WhatExistsIsDurable) {
  folder_.write("head/by-another", "x");
  EXPECT_EQ(store_->put_if_absent("head/by-another", "y"), PutOutcome::exists);
  EXPECT_EQ(take(), "d");
  EXPECT_EQ(store_->put_if_absent("head/by-another", "y"), PutOutcome::exists);
  EXPECT_EQ(take(), "");
}

TEST_P(FolderDurability, RemovalIsDurableAndSoIsWhatJustifiesIt) {
  store_->remove(Keys{"head/first", "head/none"});
  EXPECT_EQ(take(), "dd");
  store_->remove(Keys{"head/none"});
  EXPECT_EQ(take(), "d");
}

TEST_P(FolderDurability, AFileThatIsNotDurableIsNotPublished) {
  files_that_fail = 1;
  EXPECT_THROW(static_cast<void>(store_->put_if_absent("head/a", "1")), StoreUnavailable);
  EXPECT_FALSE(store_->get("head/a", ByteRange::whole()));
  EXPECT_EQ(store_->sweep(std::chrono::seconds(-1)), 0U);
  EXPECT_EQ(store_->put_if_absent("head/a", "1"), PutOutcome::created);
}

TEST_P(FolderDurability, ANameThatIsNotDurableIsNotAcknowledged) {
  folders_that_fail = 1;
  EXPECT_THROW(static_cast<void>(store_->put_if_absent("head/a", "1")), StoreUnavailable);
  take();
  // It may be there; whoever meets it makes it durable first.
  EXPECT_EQ(store_->put_if_absent("head/a", "1"), PutOutcome::exists);
  EXPECT_EQ(take(), "d");
}

TEST_P(FolderDurability, AListingThatCannotBeReliedOnFails) {
  folder_.write("head/by-another", "x");
  folders_that_fail = 1;
  EXPECT_THROW(static_cast<void>(store_->list("head/", "", 0)), StoreUnavailable);
  take();
  EXPECT_EQ(store_->list("head/", "", 0).objects.size(), 2U);
  EXPECT_EQ(take(), "d");
}

TEST_P(FolderDurability, TheSettingsAreDurableWhenRead) {
  folder_.write("flashflood.json", "{}");
  EXPECT_TRUE(store_->get("flashflood.json", ByteRange::whole()));
  EXPECT_EQ(take(), "d");
  EXPECT_TRUE(store_->get("flashflood.json", ByteRange::whole()));
  EXPECT_EQ(take(), "");
}

std::string way_name(const testing::TestParamInfo<Way>& info) { return info.param.first; }

INSTANTIATE_TEST_SUITE_P(Ways, FolderDurability,
                         testing::Values(Way{"unnamed", FolderTemporaries::unnamed},
                                         Way{"renamed", FolderTemporaries::renamed},
                                         Way{"linked", FolderTemporaries::linked}),
                         way_name);

}  // namespace
}  // namespace flashflood

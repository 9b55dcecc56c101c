#include "store/folder/folder_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "base/environment.h"
#include "flashflood/error.h"
#include "store/folder/test_folder_store.h"

namespace flashflood {
namespace {

namespace fs = std::filesystem;
using Keys = std::vector<std::string>;

TEST(FolderStore, OpensWhatIsThere) {
  const TestFolder folder;
  const fs::path missing = folder.path() / "a/b/c";
  EXPECT_NE(message_of<NotAFlood>([&] { open_folder_store(missing, false); }).find("a/b/c"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(folder.path() / "a"));
  open_folder_store(missing, true)->put("x", "1");
  EXPECT_EQ(read(*open_folder_store(missing, false), "x"), "1");
  EXPECT_EQ(read(*open_folder_store(missing / "", true), "x"), "1");

  folder.write("file", "not a folder");
  EXPECT_THROW(open_folder_store(folder.path() / "file", false), NotAFlood);
  EXPECT_THROW(open_folder_store(folder.path() / "file", true), NotAFlood);
  EXPECT_THROW(open_folder_store("", true), InvalidArgument);
  EXPECT_THROW(open_folder_store(std::string("a\0b", 3), true), InvalidArgument);
}

TEST(FolderStore, ARelativeRootStaysWhereItWas) {
  const TestFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const auto store = open_folder_store("flood", true);
  fs::current_path(before);
  store->put("head/a", "1");
  EXPECT_EQ(folder.read("flood/head/a"), "1");
  EXPECT_EQ(store->describe(), "file://" + (folder.path() / "flood").string());
}

TEST(FolderStore, ObjectsArePlainFilesAndNothingElseRemains) {
  for (const FolderTemporaries way : ways) {
    const TestFolder folder;
    const auto store = open_folder_store(folder.path(), true, way);
    store->put("journals/a", "one");
    store->put("journals/a", "two");
    EXPECT_EQ(store->put_if_absent("journals/a", "three"), PutOutcome::exists);
    EXPECT_EQ(store->put_if_absent("flashflood.json", "{}"), PutOutcome::created);
    EXPECT_EQ(folder.read("journals/a"), "two");
    EXPECT_EQ(folder.read("flashflood.json"), "{}");
    EXPECT_EQ(count_files(folder.path()), 2U);
    struct stat status {};
    ASSERT_EQ(::stat((folder.path() / "journals/a").c_str(), &status), 0);
    EXPECT_EQ(status.st_nlink, 1U);
  }
}

TEST(FolderStore, HandlesSeeEachOthersObjects) {
  const TestFolder folder;
  const auto one = open_folder_store(folder.path(), true);
  const auto two = open_folder_store(folder.path(), false);
  EXPECT_EQ(keys_of(*two, "head/"), Keys{});
  EXPECT_EQ(one->put_if_absent("head/a", "1"), PutOutcome::created);
  EXPECT_EQ(two->put_if_absent("head/a", "2"), PutOutcome::exists);
  EXPECT_EQ(keys_of(*two, "head/"), Keys{"head/a"});
  two->remove(Keys{"head/a"});
  EXPECT_EQ(keys_of(*one, "head/"), Keys{});
  EXPECT_FALSE(one->get("head/a", ByteRange::whole()));
}

TEST(FolderStore, ProcessesRacingForANameHaveOneWinner) {
  for (const FolderTemporaries way : ways) {
    const TestFolder folder;
    constexpr int rounds = 40;
    int to_child[2];
    ASSERT_EQ(::pipe(to_child), 0);
    const auto race = [&](const char* mine) {
      const auto store = open_folder_store(folder.path(), false, way);
      int wins = 0;
      for (int i = 0; i < rounds; ++i) {
        const std::string key = "head/c-" + std::to_string(i);
        if (store->put_if_absent(key, mine) == PutOutcome::created) ++wins;
      }
      return wins;
    };
    const pid_t child = ::fork();
    if (child == 0) {
      char go;
      const bool started = ::read(to_child[0], &go, 1) == 1;
      ::_exit(started ? race("child") : 99);
    }
    ASSERT_EQ(::write(to_child[1], "g", 1), 1);
    const int wins = race("parent");
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(to_child[0]);
    ::close(to_child[1]);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(wins + WEXITSTATUS(status), rounds);
    const auto store = open_folder_store(folder.path(), false);
    int found = 0;
    for (const std::string& key : keys_of(*store)) found += read(*store, key) == "parent" ? 1 : 0;
    EXPECT_EQ(found, wins);
    EXPECT_EQ(count_files(folder.path()), static_cast<std::size_t>(rounds));
  }
}

// A writer that is killed leaves whole objects, and at most files that sweep() removes.
TEST(FolderStore, AKilledWriterLeavesWholeObjects) {
  const std::string body(50'000, 'b');
  for (const FolderTemporaries way : ways) {
    const TestFolder folder;
    for (int round = 0; round < 4; ++round) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto store = open_folder_store(folder.path(), false, way);
        for (int i = 0;; ++i) {
          store->put("head/" + std::to_string(round) + "-" + std::to_string(i % 50), body);
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(15 + 7 * round));
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    const auto store = open_folder_store(folder.path(), false);
    const Keys keys = keys_of(*store);
    for (const std::string& key : keys) EXPECT_TRUE(read(*store, key) == body) << key;
    store->sweep(std::chrono::seconds(-1));
    EXPECT_EQ(count_files(folder.path()), keys.size());
  }
}

TEST(FolderStore, LeftoversAreHiddenAndSwept) {
  const TestFolder folder;
  const auto store = open_folder_store(folder.path(), true);
  store->put("head/a", "1");
  for (const char* name : {"head/.tmp-0123", ".tmp-4567", "deep/er/.tmp-89"}) {
    folder.write(name, "half an obj");
  }
  EXPECT_EQ(keys_of(*store), Keys{"head/a"});
  EXPECT_EQ(store->sweep(std::chrono::hours(1)), 0U);
  EXPECT_EQ(count_files(folder.path()), 4U);
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(store->sweep(std::chrono::seconds(0)), 3U);
  EXPECT_EQ(count_files(folder.path()), 1U);
  EXPECT_EQ(read(*store, "head/a"), "1");
}

TEST(FolderStore, SymbolicLinksAreRefused) {
  const TestFolder outside;
  outside.write("secret", "outside");
  const TestFolder folder;
  const auto store = open_folder_store(folder.path(), true);
  store->put("head/a", "1");
  fs::create_symlink(outside.path() / "secret", folder.path() / "head/link");
  fs::create_symlink(outside.path() / "nothing", folder.path() / "head/dangling");
  fs::create_directory_symlink(outside.path(), folder.path() / "journals");

  const auto refused = [&](const char* name, const std::function<void()>& call) {
    const std::string message = message_of<PermissionDenied>(call);
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find("symbolic link"), std::string::npos) << message;
  };
  for (const std::string key : {"head/link", "head/dangling", "journals/secret"}) {
    const char* const name = key[0] == 'h' ? key.c_str() : "journals";
    refused(name, [&] { store->get(key, ByteRange::whole()); });
    refused(name, [&] { store->put(key, "2"); });
    refused(name, [&] { static_cast<void>(store->put_if_absent(key, "2")); });
  }
  refused("journals", [&] { static_cast<void>(store->list("journals/", "", 0)); });
  refused("journals", [&] { store->remove(Keys{"journals/secret"}); });
  EXPECT_EQ(keys_of(*store), Keys{"head/a"});
  EXPECT_EQ(outside.read("secret"), "outside");
  EXPECT_EQ(count_files(outside.path()), 1U);
}

TEST(FolderStore, TheRootMayBeASymbolicLink) {
  const TestFolder folder;
  fs::create_directory(folder.path() / "real");
  fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  open_folder_store(folder.path() / "link", false)->put("head/a", "1");
  EXPECT_EQ(folder.read("real/head/a"), "1");
}

TEST(FolderStore, SaysWhenSomethingElseIsInTheWay) {
  const TestFolder folder;
  const auto store = open_folder_store(folder.path(), true);
  folder.write("head", "a file");
  fs::create_directory(folder.path() / "folder");
  const std::function<void()> calls[] = {
      [&] { store->get("head/a", ByteRange::whole()); },
      [&] { store->put("head/a", "1"); },
      [&] { static_cast<void>(store->put_if_absent("head/a", "1")); },
      [&] { static_cast<void>(store->list("head/", "", 0)); },
      [&] { store->remove(Keys{"head/a"}); },
      [&] { store->put("folder", "1"); },
      [&] { static_cast<void>(store->put_if_absent("folder", "1")); },
  };
  for (const auto& call : calls) {
    const std::string message = message_of<NotAFlood>(call);
    EXPECT_NE(message.find(folder.path()), std::string::npos) << message;
  }
  EXPECT_FALSE(store->get("folder", ByteRange::whole()));
  store->remove(Keys{"folder"});
  EXPECT_TRUE(fs::is_directory(folder.path() / "folder"));
}

TEST(FolderStore, PassesOverWhatIsNoObject) {
  const TestFolder folder;
  const auto store = open_folder_store(folder.path(), true);
  store->put("head/a", "1");
  ASSERT_EQ(::mkfifo((folder.path() / "head/pipe").c_str(), 0600), 0);
  folder.write("head/a~", "an editor's copy");
  folder.write("head/a b", "x");
  folder.write("lost+found/x", "x");
  EXPECT_EQ(keys_of(*store), Keys{"head/a"});
  EXPECT_FALSE(store->get("head/pipe", ByteRange::whole()));  // and does not wait for a writer
}

TEST(FolderStore, FindsFoldersThatWereMadeAnew) {
  const TestFolder folder;
  const auto store = open_folder_store(folder.path() / "flood", true);
  store->put("head/sub/a", "1");
  EXPECT_EQ(keys_of(*store, "head/sub/"), Keys{"head/sub/a"});
  fs::remove_all(folder.path() / "flood/head");
  EXPECT_EQ(keys_of(*store, "head/sub/"), Keys{});
  EXPECT_FALSE(store->get("head/sub/a", ByteRange::whole()));
  EXPECT_EQ(store->put_if_absent("head/sub/a", "2"), PutOutcome::created);
  EXPECT_EQ(folder.read("flood/head/sub/a"), "2");

  fs::remove_all(folder.path() / "flood/head");
  folder.write("flood/head/sub/b", "3");
  EXPECT_EQ(keys_of(*store, "head/"), Keys{"head/sub/b"});
  EXPECT_EQ(read(*store, "head/sub/b"), "3");

  fs::remove_all(folder.path() / "flood");
  EXPECT_THROW(store->put("head/sub/a", "4"), NotAFlood);
  EXPECT_THROW(static_cast<void>(store->list("", "", 0)), NotAFlood);
}

TEST(FolderStore, KeepsManyFoldersApart) {
  const TestFolder folder;
  const auto store = open_folder_store(folder.path(), true);
  Keys keys;
  for (int i = 100; i < 180; ++i) keys.push_back("d" + std::to_string(i) + "/x");
  for (const std::string& key : keys) store->put(key, key);
  EXPECT_EQ(keys_of(*store), keys);
  for (const std::string& key : keys) EXPECT_EQ(read(*store, key), key);
}

TEST(FolderStore, TellsTheTimeByTheMachine) {
  const TestFolder folder;
  const auto store = open_folder_store(folder.path(), true);
  const StoreTime time = store->now();
  EXPECT_EQ(time.boot_id.size(), 36U);
  const auto clock = make_system_clock();
  EXPECT_LE(time.boot_clock, clock->steady_now());
  EXPECT_GT(time.boot_clock, clock->steady_now() - std::chrono::seconds(10));
  EXPECT_LE(time.date - clock->wall_now(), std::chrono::seconds(1));
  EXPECT_FALSE(store->traits().lists_in_order);
}

}  // namespace
}  // namespace flashflood

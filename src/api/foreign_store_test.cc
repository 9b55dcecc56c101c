// Objects of somebody else, in folders: any names, and nothing is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "api/store_url.h"
#include "flashflood/error.h"
#include "store/folder/test_folder.h"

namespace flashflood {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::shared_ptr<ObjectStore> open(const std::string& url) {
  static const Environment environment = system_environment();
  return open_foreign_store(url, environment, std::make_shared<Retrier>(environment));
}

std::vector<std::string> keys_of(const ListPage& page) {
  std::vector<std::string> keys;
  for (const ObjectInfo& object : page.objects) keys.push_back(object.key);
  return keys;
}

TEST(ForeignFolder, ListsAndReadsAnyNames) {
  const TestFolder folder;
  for (const char* name : {"update/a b", "update/\xc3\xbc?%", "update/x/y", "update/x-",
                           "update/.h", "blobs/1", "upd"}) {
    folder.write(name, name);
  }
  const auto store = open(folder.path());
  EXPECT_THAT(keys_of(store->list("", "", 0)),
              ElementsAre("blobs/1", "upd", "update/.h", "update/a b", "update/x-", "update/x/y",
                          "update/\xc3\xbc?%"));
  EXPECT_THAT(keys_of(store->list("update/x", "", 0)), ElementsAre("update/x-", "update/x/y"));
  EXPECT_THAT(keys_of(store->list("upda", "update/a b", 0)),
              ElementsAre("update/x-", "update/x/y", "update/\xc3\xbc?%"));
  EXPECT_THAT(keys_of(store->list("nothing/", "", 0)), IsEmpty());
  EXPECT_EQ(store->get("update/\xc3\xbc?%", ByteRange::whole())->bytes, "update/\xc3\xbc?%");
  EXPECT_EQ(store->get("update/a b", ByteRange::at(7, 1))->bytes, "a");
  EXPECT_EQ(store->get("update/a b", ByteRange::at(7, 1))->object_size, 10u);
  EXPECT_EQ(store->list("blobs/", "", 0).objects.at(0).size, 7u);
}

TEST(ForeignFolder, ListsInPages) {
  const TestFolder folder;
  for (int i = 0; i < 30; ++i) folder.write("a/" + std::to_string(100 + i), "");
  const auto store = open(folder.path());
  std::string last;
  std::size_t pages = 0;
  for (bool more = true; more; ++pages) {
    const ListPage page = store->list("a/", last, 7);
    ASSERT_LE(page.objects.size(), 7u);
    for (const ObjectInfo& object : page.objects) EXPECT_LT(std::exchange(last, object.key), last);
    more = page.more;
  }
  EXPECT_EQ(pages, 5u);
  EXPECT_EQ(last, "a/129");
}

TEST(ForeignFolder, KeepsToTheFolder) {
  const TestFolder folder;
  folder.write("root/a/file", "1");
  folder.write("outside", "2");
  std::filesystem::create_symlink(folder.path() / "outside", folder.path() / "root/link");
  ASSERT_EQ(::mkfifo((folder.path() / "root/pipe").c_str(), 0600), 0);
  const auto store = open(folder.path() / "root");
  EXPECT_THAT(keys_of(store->list("", "", 0)), ElementsAre("a/file"));
  for (const std::string& key :
       {std::string("../outside"), std::string("a/../../outside"), std::string("link"),
        std::string("pipe"), std::string("a"), std::string("a/file/x"), std::string("a//file"),
        std::string("/a/file"), std::string(), std::string("a\0file", 6), std::string(5000, 'x')}) {
    EXPECT_FALSE(store->get(key, ByteRange::whole())) << key;
  }
}

TEST(ForeignFolder, IsNotWritten) {
  const TestFolder folder;
  folder.write("a", "1");
  const auto store = open("file://" + folder.path().string());
  EXPECT_THROW(store->put("b", "2"), PermissionDenied);
  EXPECT_THROW(static_cast<void>(store->put_if_absent("b", "2")), PermissionDenied);
  EXPECT_THROW(store->remove(std::vector<std::string>{"a"}), PermissionDenied);
  EXPECT_THAT(keys_of(store->list("", "", 0)), ElementsAre("a"));
}

TEST(ForeignStore, WhatIsNotThere) {
  const TestFolder folder;
  folder.write("file", "");
  EXPECT_THROW(open(folder.path() / "nothing"), NotAFlood);
  EXPECT_THROW(open(folder.path() / "file"), NotAFlood);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "nothing"));
  EXPECT_THROW(open("gopher://x"), StoreUnsuitable);
  EXPECT_THROW(open(""), InvalidArgument);
  S3Options options;
  options.region = "eu-west-1";
  const Environment environment = system_environment();
  EXPECT_THROW(open_foreign_store(folder.path().string(), environment,
                                  std::make_shared<Retrier>(environment), options),
               InvalidArgument);
}

}  // namespace
}  // namespace flashflood

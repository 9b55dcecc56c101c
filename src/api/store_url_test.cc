#include "api/store_url.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "store/folder/test_folder.h"
#include "store/memory_store.h"

namespace flashflood {
namespace {

std::shared_ptr<ObjectStore> open(std::string_view url, bool create = true) {
  static const Environment environment = system_environment();
  return open_store(url, create, environment, std::make_shared<Retrier>(environment));
}

template <typename Wanted>
std::string refusal(std::string_view url) {
  try {
    open(url);
  } catch (const Wanted& error) {
    return error.what();
  }
  return "";
}

TEST(StoreUrl, S3OptionsAreForBuckets) {
  S3Options options;
  options.region = "eu-west-1";
  const Environment environment = system_environment();
  EXPECT_THROW(open_store("memory://s3-options", true, environment,
                          std::make_shared<Retrier>(environment), options),
               InvalidArgument);
}

TEST(StoreUrl, OpensFolders) {
  const TestFolder folder;
  const std::string path = folder.path();
  open(path + "/plain")->put("head/a", "1");
  EXPECT_EQ(folder.read("plain/head/a"), "1");
  open("file://" + path + "/by-url")->put("a", "2");
  EXPECT_EQ(folder.read("by-url/a"), "2");
  open("FILE://localhost" + path + "/by-host")->put("a", "3");
  EXPECT_EQ(folder.read("by-host/a"), "3");
  open("file://" + path + "/a%20b%c3%A9%3F%23%25")->put("a", "4");
  EXPECT_EQ(folder.read("a b\xC3\xA9?#%/a"), "4");
  open(path + "/a%20b")->put("a", "5");  // a bare path is taken as it is
  EXPECT_EQ(folder.read("a%20b/a"), "5");
  EXPECT_THROW(open(path + "/none", false), NotAFlood);
  EXPECT_THROW(open("file://" + path + "/none", false), NotAFlood);
}

TEST(StoreUrl, DescriptionsAreUrls) {
  const TestFolder folder;
  const auto store = open(folder.path().string() + "/with blank, caf\xC3\xA9");
  EXPECT_TRUE(store->describe().ends_with("/with%20blank%2C%20caf%C3%A9")) << store->describe();
  store->put("a", "1");
  EXPECT_TRUE(open(store->describe(), false)->get("a", ByteRange::whole()));
}

TEST(StoreUrl, OpensStoresInMemoryByName) {
  open("memory://one")->put("a", "1");
  EXPECT_TRUE(open("memory://one")->get("a", ByteRange::whole()));
  EXPECT_EQ(open("memory://one"), open_memory_store("one"));
  EXPECT_FALSE(open("memory://two")->get("a", ByteRange::whole()));
  EXPECT_EQ(open("memory://one")->describe(), "memory://one");
  for (const char* url :
       {"memory://", "memory:///", "memory://a/b", "memory://a/", "memory://a b", "memory://a?b"}) {
    EXPECT_NE(refusal<InvalidArgument>(url), "") << url;
  }
}

TEST(StoreUrl, RefusesMalformedUrls) {
  for (const char* url :
       {"", "file://", "file://host/path", "file://relative", "file://localhost", "file:///a%2",
        "file:///a%zz", "file:///a%", "file:///a%00b", "file:///a?b", "file:///a#b"}) {
    EXPECT_NE(refusal<InvalidArgument>(url), "") << url;
  }
}

// These would be folders of the working directory, and nobody means them.
TEST(StoreUrl, SaysWhatWasMeant) {
  for (const char* url : {"s3:bucket/x", "S3:/bucket/x", "s3a:bucket", "s3:"}) {
    EXPECT_NE(refusal<InvalidArgument>(url).find("://bucket/prefix"), std::string::npos) << url;
  }
  EXPECT_NE(refusal<InvalidArgument>("file:/data").find("file:///path"), std::string::npos);
  EXPECT_NE(refusal<InvalidArgument>("memory:name").find("memory://name"), std::string::npos);
  for (const char* url : {" s3://bucket/x", "s3://bucket/x\n", "\tfile:///data ", "  s3:bucket"})
    EXPECT_NE(refusal<InvalidArgument>(url), "") << url;
  for (const char* url : {"~", "~/events"}) {
    EXPECT_NE(refusal<InvalidArgument>(url).find("$HOME"), std::string::npos) << url;
  }
  const TestFolder folder;
  const std::string path = folder.path();
  for (const std::string name : {"s3:x", "~", "a b ", "c:d"}) {
    open(path + "/" + name)->put("a", "1");
    EXPECT_EQ(folder.read(name + "/a"), "1");
  }
}

TEST(StoreUrl, SecretsInUrlsAreNotRepeated) {
  for (const char* url :
       {"s3://AKID:hunter2@bucket/x", "s3a://AKID:hun/hunter2@bucket/x", "s3://hunter2@bucket",
        "s3:AKID:hunter2@bucket/x", " s3://AKID:hunter2@bucket/x", "file://user:hunter2@host/x"}) {
    const std::string message = refusal<InvalidArgument>(url);
    EXPECT_NE(message, "") << url;
    EXPECT_EQ(message.find("hun"), std::string::npos) << message;
  }
}

TEST(StoreUrl, S3aIsS3) {
  EXPECT_EQ(open("s3a://bucket/a=b")->describe(), "s3://bucket/a=b");
  EXPECT_EQ(open("S3://bucket/a b")->describe(), "s3://bucket/a b");
}

TEST(StoreUrl, SaysWhichSchemesThereAre) {
  for (const char* url : {"gs://bucket/x", "https://example.org/", "s4://bucket"}) {
    const std::string message = refusal<StoreUnsuitable>(url);
    EXPECT_NE(message.find("file:///path"), std::string::npos) << url;
    EXPECT_NE(message.find("memory://name"), std::string::npos) << url;
    EXPECT_NE(message.find("s3://bucket/prefix"), std::string::npos) << url;
    EXPECT_NE(message.find("not built into"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace flashflood

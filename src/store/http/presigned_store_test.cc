#include "store/http/presigned_store.h"

#include <gtest/gtest.h>

#include <functional>

#include "flashflood/error.h"
#include "store/memory_store.h"
#include "store/test_presigning.h"

namespace flashflood {
namespace {

// Answers with whatever it is told.
class ScriptedClient final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request) override {
    last = request;
    return answer;
  }
  HttpRequest last;
  HttpResponse answer;
};

class Presigned : public ::testing::Test {
 protected:
  std::shared_ptr<ObjectStore> store(Timestamp expires = timestamp_max) {
    return make_presigned_store(client, make_system_clock(), {{"a/b", "https://h/a/b?s", 10}},
                                expires);
  }
  std::shared_ptr<ScriptedClient> client = std::make_shared<ScriptedClient>();
};

TEST_F(Presigned, ReadsRangesAndWholeObjects) {
  auto memory = make_memory_store(make_system_clock());
  memory->put("k", "0123456789");
  testing::PresigningStore signing(memory);
  auto server = std::make_shared<testing::PresignedServer>(memory);
  auto url = signing.presign("k", std::chrono::seconds{60});
  ASSERT_TRUE(url);
  auto reader =
      make_presigned_store(server, make_system_clock(), {{"k", url->url, 10}}, timestamp_max);
  for (const ByteRange& range :
       {ByteRange::whole(), ByteRange::at(0, 10), ByteRange::at(2, 3), ByteRange::at(8, 100),
        ByteRange::at(10, 1), ByteRange::at(99, 1), ByteRange::last(4), ByteRange::last(99)}) {
    auto read = reader->get("k", range), expected = memory->get("k", range);
    ASSERT_TRUE(read && expected);
    EXPECT_EQ(read->bytes, expected->bytes);
    EXPECT_EQ(read->object_size, 10u);
  }
  EXPECT_THROW(reader->get("other", ByteRange::whole()), PermissionDenied);
  memory->remove(std::vector<std::string>{"k"});
  EXPECT_THROW(reader->get("k", ByteRange::whole()), SnapshotExpired);
}

TEST_F(Presigned, ChangesNothing) {
  auto reader = store();
  EXPECT_THROW(reader->put("a/b", "x"), PermissionDenied);
  EXPECT_THROW(static_cast<void>(reader->put_if_absent("a/b", "x")), PermissionDenied);
  EXPECT_THROW(reader->list("", "", 0), PermissionDenied);
  EXPECT_THROW(reader->remove(std::vector<std::string>{"a/b"}), PermissionDenied);
  EXPECT_THROW(reader->now(), PermissionDenied);
}

TEST_F(Presigned, TellsWhatToDo) {
  client->answer.status = 403;
  client->answer.body = "<Message>Request has expired</Message>";
  EXPECT_THROW(store()->get("a/b", ByteRange::whole()), SnapshotExpired);
  client->answer.body = "<Code>AccessDenied</Code>";
  EXPECT_THROW(store()->get("a/b", ByteRange::whole()), PermissionDenied);
  EXPECT_THROW(store(Timestamp{})->get("a/b", ByteRange::whole()), SnapshotExpired);
  for (const int status : {302, 307, 400, 418}) {
    client->answer.status = status;
    EXPECT_THROW(store()->get("a/b", ByteRange::whole()), PermissionDenied) << status;
  }
  for (const int status : {500, 503, 429, 408}) {
    client->answer.status = status;
    EXPECT_THROW(store()->get("a/b", ByteRange::whole()), StoreUnavailable) << status;
  }
}

TEST_F(Presigned, WrongBytesAreNoticed) {
  client->answer.status = 200;
  client->answer.body = "012345678";
  EXPECT_THROW(store()->get("a/b", ByteRange::whole()), CorruptData);
  client->answer.body = "0123456789";
  EXPECT_THROW(store()->get("a/b", ByteRange::at(1, 2)), CorruptData) << "the range was ignored";
  client->answer.status = 206;
  client->answer.body = "12";
  EXPECT_THROW(store()->get("a/b", ByteRange::at(1, 2)), CorruptData) << "no range is named";
  client->answer.headers = {{"content-range", "bytes 1-2/11"}};
  EXPECT_THROW(store()->get("a/b", ByteRange::at(1, 2)), CorruptData) << "another size";
  client->answer.headers = {{"content-range", "bytes 1-2/10"}};
  EXPECT_EQ(store()->get("a/b", ByteRange::at(1, 2))->bytes, "12");
  EXPECT_EQ(client->last.url, "https://h/a/b?s");
  EXPECT_EQ(client->last.headers.at(0).value, "bytes=1-2");
}

}  // namespace
}  // namespace flashflood

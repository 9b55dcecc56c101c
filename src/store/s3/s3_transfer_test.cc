// Reading, listing and removing through S3Store, from scripts.
#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "store/s3/s3_xml.h"
#include "store/s3/test_http.h"

namespace flashflood {
namespace {

using Keys = std::vector<std::string>;

// A server with one object, which knows ranges.
std::function<HttpResponse(const HttpRequest&)> serving(Bytes object, std::string etag = "\"e\"") {
  return [object = std::move(object), etag = std::move(etag)](const HttpRequest& request) {
    std::string range;
    for (const HttpHeader& header : request.headers) {
      if (header.name == "Range") range = header.value;
    }
    std::size_t first = 0;
    std::size_t last = object.size() - 1;
    if (range.starts_with("bytes=-")) {
      const std::size_t count = std::stoull(range.substr(7));
      first = count >= object.size() ? 0 : object.size() - count;
    } else {
      first = std::stoull(range.substr(6));
      last = std::min<std::size_t>(last, std::stoull(range.substr(range.find('-') + 1)));
    }
    if (first >= object.size()) return HttpResponse{416, {}, s3_error_body("InvalidRange"), 0};
    return HttpResponse{
        206,
        {{"etag", etag},
         {"content-range", "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                               std::to_string(object.size())}},
        object.substr(first, last - first + 1),
        0};
  };
}

Bytes listing(const Keys& keys, bool truncated = false) {
  Bytes body = "<ListBucketResult><IsTruncated>";
  body += truncated ? "true" : "false";
  body += "</IsTruncated><EncodingType>url</EncodingType>";
  for (const std::string& key : keys) {
    body += "<Contents><Key>" + key +
            "</Key><LastModified>2026-11-24T12:00:00.123Z</LastModified><ETag>&quot;x&quot;</ETag>"
            "<Size>5</Size></Contents>";
  }
  return body + "</ListBucketResult>";
}

class S3TransferTest : public testing::Test {
 protected:
  S3TransferTest() {
    s3_.config.request_bytes_max = 16;
    s3_.config.piece_bytes = 8;
    store_ = s3_.store();
  }

  ScriptedS3 s3_;
  std::shared_ptr<ObjectStore> store_;
  ScriptedHttp& http() { return *s3_.http; }

  std::size_t requests() {
    const std::size_t count = http().seen.size();
    http().seen.clear();
    return count;
  }
};

TEST_F(S3TransferTest, ReadsSmallObjectsInOneRequest) {
  http().otherwise = serving("0123456789");
  EXPECT_EQ(store_->get("a", ByteRange::whole())->bytes, "0123456789");
  EXPECT_EQ(requests(), 1U);
  EXPECT_EQ(store_->get("a", ByteRange::at(3, 4))->bytes, "3456");
  EXPECT_EQ(store_->get("a", ByteRange::last(3))->bytes, "789");
  EXPECT_EQ(requests(), 2U);
  EXPECT_EQ(store_->get("a", ByteRange::at(50, 4))->object_size, 10U);
}

TEST_F(S3TransferTest, ReadsLargeObjectsInPieces) {
  const Bytes object = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  http().otherwise = serving(object);
  EXPECT_EQ(store_->get("a", ByteRange::whole())->bytes, object);
  EXPECT_EQ(requests(), 1 + (object.size() - 16 + 7) / 8);
  EXPECT_EQ(store_->traffic()->gets, 1 + (object.size() - 16 + 7) / 8);
  EXPECT_EQ(store_->traffic()->pieces, (object.size() - 16 + 7) / 8);
  EXPECT_EQ(store_->get("a", ByteRange::at(5, 30))->bytes, object.substr(5, 30));
  EXPECT_EQ(store_->get("a", ByteRange::last(40))->bytes, object.substr(object.size() - 40));
  EXPECT_EQ(store_->get("a", ByteRange::last(400))->bytes, object);
}

TEST_F(S3TransferTest, APieceIsRepeatedForItself) {
  s3_.retries.tries_max = 2;
  store_ = s3_.store();
  const Bytes object(40, 'x');
  int answered = 0;
  http().otherwise = [&](const HttpRequest& request) {
    return ++answered == 3 ? HttpResponse{503, {}, {}, 0} : serving(object)(request);
  };
  EXPECT_EQ(store_->get("a", ByteRange::whole())->bytes, object);
  EXPECT_EQ(requests(), 5U);
}

TEST_F(S3TransferTest, CountsWhatGoesToTheServer) {
  http().otherwise = [](const HttpRequest& request) {
    if (request.url.find("slow") != request.url.npos) request.on_hedge();
    if (request.url.find("closed") != request.url.npos) request.on_resend();
    return HttpResponse{404, {}, s3_error_body("NoSuchKey"), 0};
  };
  store_->get("a", ByteRange::whole());
  store_->get("slow", ByteRange::whole());
  store_->get("closed", ByteRange::whole());
  store_->remove(Keys{"a"});
  EXPECT_THROW(store_->put("a", "1"), StoreUnavailable);
  const StoreTraffic traffic = store_->traffic().value();
  EXPECT_EQ(traffic.gets, 5U);
  EXPECT_EQ(traffic.hedges, 1U);
  EXPECT_EQ(traffic.removes, 1U);
  EXPECT_EQ(traffic.puts, 1U);
  EXPECT_EQ(traffic.lists + traffic.heads + traffic.pieces + traffic.parts, 0U);
}

TEST_F(S3TransferTest, PiecesOfTwoObjectsAreNotPutTogether) {
  const Bytes object(40, 'x');
  int answered = 0;
  http().otherwise = [&](const HttpRequest& request) {
    return serving(object, ++answered < 3 ? "\"one\"" : "\"two\"")(request);
  };
  EXPECT_THROW(store_->get("a", ByteRange::whole()), StoreUnavailable);
}

TEST_F(S3TransferTest, RefusesAnswersThatCannotBeRight) {
  const auto answer = [&](Bytes body, const std::string& range) {
    http().answer(206, std::move(body), {{"content-range", range}});
    EXPECT_THROW(store_->get("a", ByteRange::at(2, 4)), StoreUnavailable) << range;
  };
  answer("2345", "");
  answer("234", "bytes 2-5/10");   // truncated
  answer("3456", "bytes 3-6/10");  // another range
  answer("23", "bytes 2-3/10");    // short
  answer("2345", "bytes 5-2/10");
  answer("2345", "bytes 2-5/3");
  answer("2345", "bytes 2-5/*");
  answer("2345", "lines 2-5/10");
}

TEST_F(S3TransferTest, ASizeThatIsClaimedIsNotAllocated) {
  const auto claims = [&](const std::string& size) {
    http().otherwise = [size](const HttpRequest&) {
      return HttpResponse{206, {{"content-range", "bytes 0-15/" + size}}, Bytes(16, 'x'), 0};
    };
  };
  claims("18446744073709551615");
  EXPECT_THROW(store_->get("a", ByteRange::whole()), StoreUnavailable);
  claims("70368744177664");
  EXPECT_THROW(store_->get("a", ByteRange::whole()), StoreUnavailable);
  EXPECT_THROW(store_->get("a", ByteRange::at(0, std::uint64_t{1} << 60)), StoreUnavailable);
  EXPECT_THROW(store_->get("a", ByteRange::last(std::uint64_t{1} << 60)), StoreUnavailable);
}

TEST_F(S3TransferTest, ReadsTheEndOfNothing) {
  http().answer(206, "", {{"content-range", "bytes 0--1/0"}});  // as MinIO says it
  EXPECT_EQ(store_->get("a", ByteRange::last(5))->object_size, 0U);
  http().answer(206, "", {{"content-range", "bytes 0--1/10"}});
  EXPECT_THROW(store_->get("a", ByteRange::last(5)), StoreUnavailable);
}

TEST_F(S3TransferTest, TakesWholeObjectsFromServersThatKnowNoRanges) {
  http().otherwise = [](const HttpRequest&) { return HttpResponse{200, {}, "0123456789", 0}; };
  EXPECT_EQ(store_->get("a", ByteRange::at(2, 4))->bytes, "2345");
  EXPECT_EQ(store_->get("a", ByteRange::last(2))->bytes, "89");
  EXPECT_EQ(store_->get("a", ByteRange::last(2))->object_size, 10U);
  EXPECT_EQ(store_->get("a", ByteRange::at(20, 4))->bytes, "");
}

TEST_F(S3TransferTest, ListsAndChecksTheOrder) {
  http().answer(200, listing({"p%2Fhead%2F", "p/head/a", "p/head/b+c"}, true));
  const ListPage page = store_->list("head/", "", 0);
  ASSERT_EQ(page.objects.size(), 2U);
  EXPECT_EQ(page.objects[0].key, "head/a");
  EXPECT_EQ(page.objects[1].key, "head/b c");
  EXPECT_EQ(page.objects[0].size, 5U);
  EXPECT_EQ(page.objects[0].modified, StoreTimestamp(parse_timestamp("2026-11-24T12:00:00.123Z")));
  EXPECT_TRUE(page.more);
  EXPECT_EQ(
      http().seen.at(0).url,
      "http://server:9000/bucket?list-type=2&encoding-type=url&max-keys=1000&prefix=p%2Fhead%2F");
  for (const Keys& keys : {Keys{"p/b", "p/a"}, Keys{"p/a", "p/a"}}) {
    for (int i = 0; i < 2; ++i) http().answer(200, listing(keys), {{"server", "Unsorted/3"}});
    try {
      store_->list("", "", 0);
      FAIL();
    } catch (const StoreUnsuitable& error) {
      EXPECT_NE(std::string(error.what()).find("Unsorted/3"), std::string::npos);
    }
  }
  for (int i = 0; i < 2; ++i) http().answer(200, listing({"p/a"}));
  EXPECT_THROW(store_->list("", "a", 0), StoreUnsuitable);  // not after it
  http().answer(200, listing({}, true));
  EXPECT_THROW(store_->list("", "", 0), StoreUnsuitable);  // would go on for ever
}

TEST_F(S3TransferTest, RefusesListingsThatAreNone) {
  for (const char* body : {"", "{}", "<html></html>", "<ListBucketResult>", "<ListBucketResult/>",
                           "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a"
                           "</Key><Size>-1</Size></Contents></ListBucketResult>"}) {
    http().answer(200, body);
    EXPECT_THROW(store_->list("", "", 0), StoreUnavailable) << body;
  }
}

TEST_F(S3TransferTest, RemovesManyAtOnce) {
  Keys keys;
  for (int i = 0; i < 2500; ++i) keys.push_back("k" + std::to_string(i));
  http().otherwise = [](const HttpRequest&) {
    return HttpResponse{200, {}, "<DeleteResult></DeleteResult>", 0};
  };
  store_->remove(keys);
  ASSERT_EQ(http().seen.size(), 3U);
  EXPECT_EQ(http().seen[0].method, "POST");
  EXPECT_EQ(http().seen[0].url, "http://server:9000/bucket?delete=");
  EXPECT_NE(http().seen[0].body.find("<Object><Key>p/k0</Key></Object>"), std::string::npos);
  EXPECT_NE(http().seen[0].header("Content-MD5"), "(none)");
}

TEST_F(S3TransferTest, SaysWhatWasNotRemoved) {
  http().answer(200,
                "<DeleteResult><Error><Key>p/a</Key><Code>NoSuchKey</Code></Error>"
                "<Error><Key>p/b</Key><Code>AccessDenied</Code></Error></DeleteResult>");
  try {
    store_->remove(Keys{"a", "b"});
    FAIL();
  } catch (const PermissionDenied& error) {
    EXPECT_NE(std::string(error.what()).find("p/b"), std::string::npos);
  }
  http().answer(
      200, "<DeleteResult><Error><Key>p/a</Key><Code>InternalError</Code></Error></DeleteResult>");
  EXPECT_THROW(store_->remove(Keys{"a", "b"}), StoreUnavailable);
}

TEST_F(S3TransferTest, RemovesOneByOneWhereManyAtOnceIsUnknown) {
  http().answer(501, s3_error_body("NotImplemented"));
  http().otherwise = [](const HttpRequest&) { return HttpResponse{204, {}, {}, 0}; };
  store_->remove(Keys{"a", "b"});
  ASSERT_EQ(http().seen.size(), 3U);
  EXPECT_EQ(http().seen[2].method, "DELETE");
  store_->remove(Keys{"a", "b"});
  EXPECT_EQ(http().seen.size(), 5U);  // remembered
}

TEST(S3Xml, HostileDocumentsAreHarmless) {
  Bytes deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(parse_s3_error(deep));
  EXPECT_THROW(parse_s3_listing(deep), StoreUnavailable);
  const Bytes bomb =
      "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>"
      "<Error><Code>&b;&b;</Code></Error>";
  const auto error = parse_s3_error(bomb);
  EXPECT_TRUE(!error || error->code.size() < 20) << error->code;
  EXPECT_FALSE(parse_s3_error(Bytes(1000, '\0')));
  EXPECT_EQ(parse_s3_error("<x:Error xmlns:x='u'><x:Code>A</x:Code></x:Error>")->code, "A");
}

}  // namespace
}  // namespace flashflood

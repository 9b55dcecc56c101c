// Reading, listing, removing and uploading through S3Store, from scripts.
#include <gtest/gtest.h>

#include "base/stop.h"
#include "flashflood/error.h"
#include "store/retry_store.h"
#include "store/s3/digest.h"
#include "store/s3/s3_xml.h"
#include "store/s3/test_http.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
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
    s3_.config.multipart_bytes = 100;
    s3_.config.part_bytes = std::size_t{1} << 20;
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
  for (const Keys& keys : {Keys{"p/b", "p/a"}, Keys{"p/a", "p/a"}, Keys{"q/a"}}) {
    http().answer(200, listing(keys), {{"server", "Unsorted/3"}});
    try {
      store_->list("", "", 0);
      FAIL();
    } catch (const StoreUnsuitable& error) {
      EXPECT_NE(std::string(error.what()).find("Unsorted/3"), std::string::npos);
    }
  }
  http().answer(200, listing({"p/a"}));
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

constexpr const char* begun =
    "<InitiateMultipartUploadResult><UploadId>id/1</UploadId></InitiateMultipartUploadResult>";

TEST_F(S3TransferTest, UploadsLargeObjectsInParts) {
  http().answer(200, begun);
  http().answer(200, "", {{"etag", "\"one\""}, {"x-amz-checksum-crc32c", "AAAA=="}});
  http().answer(200, "", {{"etag", "\"two\""}});
  http().answer(200,
                "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>");
  store_->put("a", Bytes((std::size_t{1} << 20) + 5, 'x'));
  ASSERT_EQ(http().seen.size(), 4U);
  EXPECT_EQ(http().seen[0].url, "http://server:9000/bucket/p/a?uploads=");
  EXPECT_EQ(http().seen[1].url, "http://server:9000/bucket/p/a?partNumber=1&uploadId=id%2F1");
  EXPECT_EQ(http().seen[2].body, "xxxxx");
  EXPECT_NE(http().seen[3].body.find("<ChecksumCRC32C>AAAA==</ChecksumCRC32C>"
                                     "<ETag>&quot;one&quot;</ETag><PartNumber>1</PartNumber>"),
            std::string::npos)
      << http().seen[3].body;
}

TEST_F(S3TransferTest, AbortsUploadsThatFail) {
  const Bytes large((std::size_t{1} << 20) + 5, 'x');
  const auto aborted = [&] {
    const ScriptedHttp::Seen& last = http().seen.back();
    return last.method == "DELETE" && last.url.ends_with("/p/a?uploadId=id%2F1");
  };
  http().answer(200, begun);
  http().answer(200, "", {{"etag", "\"one\""}});
  http().answer(500, s3_error_body("InternalError"));
  http().answer(204);
  EXPECT_THROW(store_->put("a", large), StoreUnavailable);
  EXPECT_TRUE(aborted());

  for (const Bytes& body : {s3_error_body("InternalError"), Bytes(), Bytes("<Other/>")}) {
    http().answer(200, begun);
    http().answer(200, "", {{"etag", "\"one\""}});
    http().answer(200, "", {{"etag", "\"two\""}});
    http().answer(200, body);
    http().lose_answer();  // and it cannot even be aborted
    EXPECT_THROW(store_->put("a", large), StoreUnavailable) << body;
    EXPECT_TRUE(aborted());
  }
}

constexpr const char* completed =
    "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>";

class S3UploadTest : public S3TransferTest {
 protected:
  S3UploadTest() {
    s3_.retries.tries_max = 3;
    store_ = s3_.store();
  }
  std::vector<std::string> asked() {
    std::vector<std::string> lines;
    for (const ScriptedHttp::Seen& seen : http().seen)
      lines.push_back(seen.method + ' ' + seen.url.substr(seen.url.find('?') + 1));
    return lines;
  }
  const Bytes large_ = Bytes((std::size_t{1} << 20) + 5, 'x');
};

TEST_F(S3UploadTest, EachRequestIsRepeatedForItself) {
  http().answer(503, s3_error_body("SlowDown"));
  http().answer(200, begun);
  http().answer(500, s3_error_body("InternalError"));
  http().lose_answer();
  http().answer(200, "", {{"etag", "\"one\""}});
  http().answer(400, s3_error_body("BadDigest"));
  http().answer(200, "", {{"etag", "\"two\""}});
  http().answer(200, s3_error_body("InternalError"));
  http().answer(200, completed);
  store_->put("a", large_);
  EXPECT_EQ(asked(), (Keys{"POST uploads=", "POST uploads=", "PUT partNumber=1&uploadId=id%2F1",
                           "PUT partNumber=1&uploadId=id%2F1", "PUT partNumber=1&uploadId=id%2F1",
                           "PUT partNumber=2&uploadId=id%2F1", "PUT partNumber=2&uploadId=id%2F1",
                           "POST uploadId=id%2F1", "POST uploadId=id%2F1"}));
  EXPECT_EQ(store_->traffic()->puts, 9U);
  EXPECT_EQ(store_->traffic()->parts, 5U);
}

TEST_F(S3UploadTest, APartThatFailsForGoodEndsTheUpload) {
  // Through a store that repeats: what was repeated already is not repeated as a whole.
  const auto retrying = make_retry_store(store_, s3_.environment());
  http().answer(200, begun);
  for (int i = 0; i < 3; ++i) http().answer(500, s3_error_body("InternalError"));
  http().answer(204);
  EXPECT_THROW(retrying->put("a", large_), StoreUnavailable);
  EXPECT_EQ(asked().size(), 5U);
  EXPECT_EQ(asked().back(), "DELETE uploadId=id%2F1");
}

TEST_F(S3UploadTest, AnUploadThatIsInterruptedIsAborted) {
  std::stop_source stop;
  const StopScope scope(stop.get_token());
  std::chrono::milliseconds time{};
  http().otherwise = [&](const HttpRequest& request) {
    throw_if_stopped();  // as the real client does
    if (request.method == "POST") return HttpResponse{200, {}, begun, 0};
    if (request.method == "PUT") {
      stop.request_stop();
      throw_if_stopped();
    }
    time = request.total_timeout;
    return HttpResponse{204, {}, {}, 0};
  };
  EXPECT_THROW(store_->put("a", large_), Interrupted);
  EXPECT_EQ(asked().back(), "DELETE uploadId=id%2F1");
  EXPECT_GT(time, 0s) << "it was answered";
  EXPECT_LE(time, 1s) << "somebody waits for the end";
  EXPECT_THROW(throw_if_stopped(), Interrupted) << "the scope is what it was";
}

TEST_F(S3UploadTest, RepetitionsComeOutOfTheBudget) {
  s3_.retries.budget = 1;
  s3_.retries.budget_per_success = 0;
  store_ = s3_.store();
  http().answer(200, begun);
  http().answer(500);
  http().answer(200, "", {{"etag", "\"one\""}});
  http().answer(500);
  http().answer(204);
  EXPECT_THROW(store_->put("a", large_), StoreUnavailable);
  EXPECT_EQ(asked().size(), 5U);
}

TEST_F(S3UploadTest, AnUploadThatSomebodyAbortedIsBegunAnew) {
  const auto retrying = make_retry_store(store_, s3_.environment());
  http().answer(200, begun);
  http().answer(404, s3_error_body("NoSuchUpload"));
  http().answer(404, s3_error_body("NoSuchUpload"));  // to the request to abort it
  http().answer(200, begun);
  http().answer(200, "", {{"etag", "\"one\""}});
  http().answer(200, "", {{"etag", "\"two\""}});
  http().answer(200, completed);
  retrying->put("a", large_);
  EXPECT_EQ(asked().size(), 7U);
}

TEST_F(S3UploadTest, ALostAnswerToTheLastRequestIsResolvedByLooking) {
  const auto upload = [&](const std::string& size) {
    http().answer(200, begun);
    http().answer(200, "", {{"etag", "\"one\""}});
    http().answer(200, "", {{"etag", "\"two\""}});
    http().lose_answer();
    http().answer(404, s3_error_body("NoSuchUpload"));
    http().answer(206, "x", {{"content-range", "bytes 0-0/" + size}});
    store_->put("a", large_);
  };
  upload(std::to_string(large_.size()));
  EXPECT_EQ(asked().size(), 6U);
  EXPECT_THROW(upload("7"), StoreUnavailable);
}

TEST_F(S3TransferTest, ConditionalObjectsAreOnePut) {
  http().answer(200);
  EXPECT_EQ(store_->put_if_absent("a", Bytes(std::size_t{2} << 20, 'x')), PutOutcome::created);
  EXPECT_EQ(http().seen.size(), 1U);
}

TEST_F(S3TransferTest, SweepsOldUploadsOfItsPrefixOnly) {
  http().answer(200, "", {{"date", "Tue, 24 Nov 2026 12:00:00 GMT"}});
  http().answer(
      200,
      "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
      "<Upload><Key>p/old</Key><UploadId>1</UploadId>"
      "<Initiated>2026-11-24T10:00:00Z</Initiated></Upload>"
      "<Upload><Key>p/new</Key><UploadId>2</UploadId>"
      "<Initiated>2026-11-24T11:59:00Z</Initiated></Upload>"
      "<Upload><Key>q/other</Key><UploadId>3</UploadId>"
      "<Initiated>2026-11-24T10:00:00Z</Initiated></Upload></ListMultipartUploadsResult>");
  http().answer(204);
  EXPECT_EQ(store_->sweep(1h), 1U);
  EXPECT_EQ(http().seen.back().url, "http://server:9000/bucket/p/old?uploadId=1");
}

// A page of uploads with one that is old.
Bytes uploads(const std::string& key, const std::string& next = "") {
  return "<ListMultipartUploadsResult><IsTruncated>" +
         std::string(next.empty() ? "false" : "true") + "</IsTruncated><NextKeyMarker>p/" + next +
         "</NextKeyMarker><NextUploadIdMarker>" + next + "</NextUploadIdMarker><Upload><Key>p/" +
         key + "</Key><UploadId>" + key +
         "</UploadId><Initiated>2026-11-24T10:00:00Z</Initiated></Upload>"
         "</ListMultipartUploadsResult>";
}

TEST_F(S3UploadTest, ASweepCountsWhatIsGoneAndSaysWhatIsNot) {
  const std::vector<HttpHeader> date = {{"date", "Tue, 24 Nov 2026 12:00:00 GMT"}};
  http().answer(200, "", date);
  http().answer(200, uploads("a"));
  http().answer(403, s3_error_body("AccessDenied"));
  EXPECT_THROW(store_->sweep(1h), PermissionDenied);

  http().answer(200, "", date);
  http().answer(200, uploads("a"));
  http().answer(404, s3_error_body("NoSuchUpload"));  // somebody else has aborted it
  EXPECT_EQ(store_->sweep(1h), 1U);

  http().answer(200, "", date);
  http().answer(200, uploads("a"));
  http().answer(503, s3_error_body("SlowDown"));
  http().lose_answer();
  http().answer(204);
  EXPECT_EQ(store_->sweep(1h), 1U) << "an abort is repeated";

  http().answer(200, "", date);
  http().answer(200, uploads("a"));
  for (int i = 0; i < 3; ++i) http().answer(500, s3_error_body("InternalError"));
  EXPECT_THROW(store_->sweep(1h), StoreUnavailable);
}

TEST_F(S3UploadTest, ASweepThatIsSentInACircleEnds) {
  http().answer(200, "", {{"date", "Tue, 24 Nov 2026 12:00:00 GMT"}});
  int pages = 0;
  http().otherwise = [&](const HttpRequest& request) {
    if (request.method == "DELETE") return HttpResponse{204, {}, {}, 0};
    if (++pages > 10) return HttpResponse{200, {}, uploads("a"), 0};  // else it would never end
    return HttpResponse{200, {}, uploads("a", pages % 2 == 0 ? "a" : "b"), 0};
  };
  EXPECT_THROW(store_->sweep(1h), StoreUnsuitable);
  EXPECT_EQ(pages, 3);
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

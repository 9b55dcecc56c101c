// Uploads in parts through S3Store, and sweeping what is left of them, from scripts.
#include <gtest/gtest.h>

#include "base/stop.h"
#include "flashflood/error.h"
#include "store/retry_store.h"
#include "store/s3/test_http.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

class S3UploadTest : public testing::Test {
 protected:
  S3UploadTest() {
    s3_.config.multipart_bytes = 100;
    s3_.config.part_bytes = std::size_t{1} << 20;
    store_ = s3_.store();
  }

  ScriptedS3 s3_;
  std::shared_ptr<ObjectStore> store_;
  ScriptedHttp& http() { return *s3_.http; }
};

constexpr const char* begun =
    "<InitiateMultipartUploadResult><UploadId>id/1</UploadId></InitiateMultipartUploadResult>";

TEST_F(S3UploadTest, UploadsLargeObjectsInParts) {
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

TEST_F(S3UploadTest, AbortsUploadsThatFail) {
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

class S3RepeatedUploadTest : public S3UploadTest {
 protected:
  S3RepeatedUploadTest() {
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

TEST_F(S3RepeatedUploadTest, EachRequestIsRepeatedForItself) {
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

TEST_F(S3RepeatedUploadTest, APartThatFailsForGoodEndsTheUpload) {
  // Through a store that repeats: what was repeated already is not repeated as a whole.
  const auto retrying = make_retry_store(store_, s3_.environment());
  http().answer(200, begun);
  for (int i = 0; i < 3; ++i) http().answer(500, s3_error_body("InternalError"));
  http().answer(204);
  EXPECT_THROW(retrying->put("a", large_), StoreUnavailable);
  EXPECT_EQ(asked().size(), 5U);
  EXPECT_EQ(asked().back(), "DELETE uploadId=id%2F1");
}

TEST_F(S3RepeatedUploadTest, AnUploadThatIsInterruptedIsAborted) {
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

TEST_F(S3RepeatedUploadTest, RepetitionsComeOutOfTheBudget) {
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

TEST_F(S3RepeatedUploadTest, AnUploadThatSomebodyAbortedIsBegunAnew) {
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

TEST_F(S3RepeatedUploadTest, ALostAnswerToTheLastRequestIsResolvedByLooking) {
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

TEST_F(S3UploadTest, ConditionalObjectsAreOnePut) {
  http().answer(200);
  EXPECT_EQ(store_->put_if_absent("a", Bytes(std::size_t{2} << 20, 'x')), PutOutcome::created);
  EXPECT_EQ(http().seen.size(), 1U);
}

TEST_F(S3UploadTest, SweepsOldUploadsOfItsPrefixOnly) {
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

TEST_F(S3RepeatedUploadTest, ASweepCountsWhatIsGoneAndSaysWhatIsNot) {
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

TEST_F(S3RepeatedUploadTest, ASweepThatIsSentInACircleEnds) {
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

}  // namespace
}  // namespace flashflood

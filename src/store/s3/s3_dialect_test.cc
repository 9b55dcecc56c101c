// Servers and networks that differ from AWS in ways that S3Store puts up with, or refuses.
#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "store/s3/s3_xml.h"
#include "store/s3/test_http.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

class S3DialectTest : public testing::Test {
 protected:
  ScriptedS3 s3_;
  std::shared_ptr<ObjectStore> store_ = s3_.store();
  ScriptedHttp& http() { return *s3_.http; }
};

Bytes listing(const Keys& keys, const std::string& more = "") {
  Bytes body = "<ListBucketResult><IsTruncated>false</IsTruncated>" + more;
  for (const std::string& key : keys)
    body += "<Contents><Key>" + key +
            "</Key><LastModified>2026-11-24T12:00:00Z</LastModified><ETag>e</ETag>"
            "<Size>1</Size></Contents>";
  return body + "</ListBucketResult>";
}

// ---- HEAD, whose answers have no body that could say why ----

TEST_F(S3DialectTest, AHeadThatIsRefusedIsAskedAsAListing) {
  http().answer(400);
  http().answer(200, listing({}));
  EXPECT_EQ(store_->now().date, StoreTimestamp(parse_timestamp("2026-11-24T12:00:00Z")));
  ASSERT_EQ(http().seen.size(), 2U);
  EXPECT_EQ(http().seen[1].method, "GET");
  EXPECT_EQ(http().seen[1].url, "http://server:9000/bucket?list-type=2&max-keys=1&prefix=p%2F");
}

TEST_F(S3DialectTest, AListingSaysWhyAHeadIsRefused) {
  http().answer(400);
  http().answer(400, s3_error_body("RequestTimeout"));
  try {
    store_->now();
    FAIL();
  } catch (const RequestFailed& error) {
    EXPECT_NE(std::string(error.what()).find("RequestTimeout"), std::string::npos) << error.what();
  }
  http().answer(400);
  http().answer(400, s3_error_body("InvalidBucketName"));
  EXPECT_THROW(store_->now(), InvalidArgument);
}

TEST_F(S3DialectTest, AHeadLearnsTheRegionFromTheReason) {
  http().answer(400);
  http().answer(400, s3_error_body("AuthorizationHeaderMalformed", "<Region>eu-west-9</Region>"));
  http().answer(200);
  store_->now();
  EXPECT_NE(http().seen.back().header("Authorization").find("/eu-west-9/s3/"), std::string::npos);
}

// ---- the store's clock ----

TEST_F(S3DialectTest, AServerWithoutDateIsRefusedAtOnce) {
  for (const auto& call : std::vector<std::function<void(ObjectStore&)>>{
           [](ObjectStore& store) { store.list("", "", 0); },
           [](ObjectStore& store) { store.put("a", "1"); }}) {
    http().answer(200, listing({}), {{"date", ""}});
    try {
      call(*s3_.store());
      FAIL();
    } catch (const StoreUnsuitable& error) {
      EXPECT_NE(std::string(error.what()).find("Date"), std::string::npos) << error.what();
    }
  }
}

// ---- listings ----

TEST_F(S3DialectTest, AListingThatCannotBeRightIsReadOnceMore) {
  for (const Keys& damaged : {Keys{"p/heae/a"}, Keys{"p/head/b", "p/head/a"}, Keys{"q/head/a"}}) {
    http().answer(200, listing(damaged));
    http().answer(200, listing({"p/head/a", "p/head/b"}));
    EXPECT_EQ(store_->list("head/", "", 0).objects.size(), 2U) << damaged[0];
  }
  for (int i = 0; i < 2; ++i) http().answer(200, listing({"p/heae/a"}));
  EXPECT_THROW(store_->list("head/", "", 0), CorruptData);
  for (int i = 0; i < 2; ++i) http().answer(200, listing({"p/head/b", "p/head/a"}));
  EXPECT_THROW(store_->list("head/", "", 0), StoreUnsuitable);
}

TEST_F(S3DialectTest, NoUploadsAreNothingToSweep) {
  for (const auto& [status, code] :
       {std::pair(404, "NoSuchUpload"), {501, "NotImplemented"}, {405, "MethodNotAllowed"}}) {
    http().answer(200);  // for the time
    http().answer(status, s3_error_body(code));
    EXPECT_EQ(store_->sweep(1s), 0U) << code;
  }
  http().answer(200);
  http().answer(404, s3_error_body("NoSuchBucket"));
  EXPECT_THROW(store_->sweep(1s), NotAFlood);
}

// ---- prefixes of any characters ----

class S3PrefixTest : public S3DialectTest {
 protected:
  S3PrefixTest() {
    set_s3_place(s3_.config, "bucket/year=2024/a b+c%/\xC3\xA9/");
    store_ = s3_.store();
  }
  const std::string encoded_ = "year%3D2024/a%20b%2Bc%25/%C3%A9/";
};

TEST_F(S3PrefixTest, IsEncodedInRequestsAndUrls) {
  EXPECT_EQ(store_->describe(), "s3://bucket/year=2024/a b+c%/\xC3\xA9");
  http().answer(200);
  store_->put("head/a", "1");
  EXPECT_EQ(http().seen.back().url, "http://server:9000/bucket/" + encoded_ + "head/a");
  EXPECT_TRUE(store_->presign("head/a", 60s)
                  ->url.starts_with("http://server:9000/bucket/" + encoded_ + "head/a?"));
  http().answer(200, "<DeleteResult/>");
  store_->remove(Keys{"a", "b"});
  EXPECT_NE(http().seen.back().body.find("<Key>year=2024/a b+c%/\xC3\xA9/a</Key>"),
            std::string::npos);
}

// Blanks and '+' come as AWS writes them, as others do, or not encoded at all.
TEST_F(S3PrefixTest, IsFoundInListingsHoweverTheyAreEncoded) {
  const std::string url = "<EncodingType>url</EncodingType>";
  for (const auto& [prefix, encoding] :
       std::vector<std::pair<std::string, std::string>>{{"year%3D2024/a+b%2Bc%25/%C3%A9/", url},
                                                        {"year=2024/a%20b%2Bc%25/%C3%A9/", url},
                                                        {"year=2024/a%20b+c%25/%C3%A9/", url},
                                                        {"year=2024/a b+c%/\xC3\xA9/", ""}}) {
    http().answer(200, listing({prefix + "head/a", prefix + "head/b"}, encoding));
    const ListPage page = store_->list("head/", "head/", 0);
    ASSERT_EQ(page.objects.size(), 2U) << prefix;
    EXPECT_EQ(page.objects[0].key, "head/a") << prefix;
  }
  EXPECT_NE(http().seen.back().url.find("prefix=year%3D2024%2Fa%20b%2Bc%25%2F%C3%A9%2Fhead%2F"),
            std::string::npos);
}

TEST(S3Prefix, RefusesWhatServersMakeSomethingElseOf) {
  for (const char* prefix : {"a//b", "/a", "./a", "a/..", "a\nb", "a\\b", "\xFF", "a/\x7F"}) {
    S3Config config;
    set_s3_place(config, std::string("bucket/") + prefix);
    EXPECT_THROW(check_s3_config(config), InvalidArgument) << prefix;
  }
  S3Config config;
  set_s3_place(config, "bucket/" + std::string(121, 'a'));
  EXPECT_THROW(check_s3_config(config), InvalidArgument);
}

// ---- access points ----

TEST(S3AccessPoint, IsAHostName) {
  S3Config config;
  set_s3_place(config, "arn:aws:s3:eu-west-1:123456789012:accesspoint/events/a/b/");
  check_s3_config(config);
  EXPECT_EQ(config.prefix, "a/b");
  EXPECT_EQ(config.region, "eu-west-1");
  EXPECT_EQ(config.bucket, "arn:aws:s3:eu-west-1:123456789012:accesspoint/events");
  EXPECT_EQ(s3_base_url(config, config.region),
            "https://events-123456789012.s3-accesspoint.eu-west-1.amazonaws.com");
  config.endpoint_kind = {true, true};
  EXPECT_EQ(s3_base_url(config, config.region),
            "https://events-123456789012.s3-accesspoint-fips.dualstack.eu-west-1.amazonaws.com");
  set_s3_place(config, "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:events");
  config.endpoint_kind = {};
  EXPECT_EQ(config.prefix, "");
  EXPECT_EQ(s3_base_url(config, config.region),
            "https://events-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn");
  config.endpoint = "https://host:9000";
  EXPECT_EQ(s3_base_url(config, config.region), "https://events-123456789012.host:9000");
  config.addressing = S3Config::Addressing::path;
  EXPECT_THROW(check_s3_config(config), InvalidArgument);
}

TEST(S3AccessPoint, RefusesOtherNames) {
  for (const char* place :
       {"arn:aws:s3:::bucket/prefix", "arn:aws:s3::123456789012:accesspoint/global.mrap",
        "arn:aws:s3:eu-west-1:1234:accesspoint/events",
        "arn:aws:s3:eu-west-1:123456789012:", "arn:aws:s3:eu-west-1:123456789012:accesspoint",
        "arn:", "arn:aws:s3:eu-west-1:123456789012:accesspoint/",
        "arn:aws:s3:eu-west-1:123456789012:accesspoint/Events",
        "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/events"}) {
    S3Config config;
    EXPECT_THROW(set_s3_place(config, place), InvalidArgument) << place;
  }
}

TEST_F(S3DialectTest, AnAccessPointIsSignedForItsRegion) {
  set_s3_place(s3_.config, "arn:aws:s3:eu-west-1:123456789012:accesspoint/events/p");
  s3_.config.endpoint.clear();
  const auto store = s3_.store();
  http().answer(200);
  store->put("a", "1");
  EXPECT_EQ(http().seen.back().url,
            "https://events-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/p/a");
  EXPECT_NE(http().seen.back().header("Authorization").find("/eu-west-1/s3/"), std::string::npos);
  EXPECT_EQ(store->describe(), "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/events/p");
  http().answer(200);
  store->now();
  EXPECT_EQ(http().seen.back().url,
            "https://events-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/");
}

// ---- keys of the caller's (SSE-C) ----

class S3CustomerKeyTest : public S3DialectTest {
 protected:
  S3CustomerKeyTest() {
    s3_.config.endpoint = "https://server";
    s3_.config.sse_c_key = key_;
    store_ = s3_.store();
  }
  bool has_key(const ScriptedHttp::Seen& seen) const {
    const std::string prefix = "x-amz-server-side-encryption-customer-";
    const bool has = seen.header(prefix + "algorithm") != "(none)";
    if (has) {
      EXPECT_EQ(seen.header(prefix + "algorithm"), "AES256");
      EXPECT_EQ(seen.header(prefix + "key"), key_);
      EXPECT_EQ(seen.header(prefix + "key-MD5"), "mT2HRsMGJ5IX5C+0rreZ8Q==");
    }
    return has;
  }
  // 32 times "k"
  const std::string key_ = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";
};

TEST_F(S3CustomerKeyTest, GoesWithWhatReadsAndWritesObjects) {
  http().answer(200);
  store_->put("a", "1");
  EXPECT_TRUE(has_key(http().seen.back()));
  http().answer(412);
  EXPECT_EQ(store_->put_if_absent("a", "1"), PutOutcome::exists);
  EXPECT_TRUE(has_key(http().seen.back()));
  http().answer(206, "x", {{"content-range", "bytes 0-0/1"}});
  store_->get("a", ByteRange::whole());
  EXPECT_TRUE(has_key(http().seen.back()));
  http().answer(200, listing({}));
  store_->list("", "", 0);
  EXPECT_FALSE(has_key(http().seen.back()));
  http().answer(204);
  store_->remove(Keys{"a"});
  EXPECT_FALSE(has_key(http().seen.back()));
  http().answer(200);
  store_->now();
  EXPECT_FALSE(has_key(http().seen.back()));
}

TEST_F(S3CustomerKeyTest, GoesWithUploadsInParts) {
  s3_.config.multipart_bytes = 10;
  http().answer(200,
                "<InitiateMultipartUploadResult><UploadId>1</UploadId>"
                "</InitiateMultipartUploadResult>");
  http().answer(200, "", {{"etag", "one"}});
  http().answer(200,
                "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>");
  s3_.store()->put("a", "longer than ten");
  ASSERT_EQ(http().seen.size(), 3U);
  for (const auto& seen : http().seen) EXPECT_TRUE(has_key(seen)) << seen.method << seen.url;
}

TEST_F(S3CustomerKeyTest, CannotBePresigned) {
  EXPECT_THROW(store_->presign("a", 60s), StoreUnsuitable);
}

TEST_F(S3CustomerKeyTest, IsInNoMessage) {
  const auto refusal = [&](const std::function<void(S3Config&)>& change) {
    S3Config config = s3_.config;
    change(config);
    try {
      check_s3_config(config);
    } catch (const InvalidArgument& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find(config.sse_c_key), std::string::npos) << message;
      return message;
    }
    ADD_FAILURE();
    return std::string();
  };
  refusal([](S3Config& config) { config.endpoint = "http://server"; });
  refusal([](S3Config& config) { config.sse = "AES256"; });
  refusal([](S3Config& config) { config.sse_c_key = "c2hvcnQ="; });
  refusal([](S3Config& config) { config.sse_c_key = "not base64 at all"; });
}

}  // namespace
}  // namespace flashflood

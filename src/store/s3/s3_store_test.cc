// What S3Store makes of the answers of servers, from scripts.
#include "store/s3/s3_store.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "store/retry_store.h"
#include "store/s3/test_http.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Effect = RequestFailed::Effect;
using Keys = std::vector<std::string>;

template <typename Expected>
std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Expected& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

class S3StoreTest : public testing::Test {
 protected:
  ScriptedS3 s3_;
  std::shared_ptr<ObjectStore> store_ = s3_.store();
  ScriptedHttp& http() { return *s3_.http; }

  template <typename Expected>
  std::string refusal(int status, const Bytes& body = {}, std::vector<HttpHeader> headers = {}) {
    http().answer(status, body, std::move(headers));
    return message_of<Expected>([&] { store_->get("a", ByteRange::whole()); });
  }
};

TEST_F(S3StoreTest, PutsWithChecksumAndSignature) {
  http().answer(200);
  store_->put("head/a", "123456789");
  const ScriptedHttp::Seen& seen = http().seen.at(0);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.url, "http://server:9000/bucket/p/head/a");
  EXPECT_EQ(seen.body, "123456789");
  EXPECT_EQ(seen.header("x-amz-checksum-crc32c"), "4waSgw==");
  EXPECT_EQ(seen.header("If-None-Match"), "(none)");
  EXPECT_TRUE(seen.header("Authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AKID/20261124/"
                               "us-east-1/s3/aws4_request, "));
  // Without TLS the signature covers the body.
  EXPECT_EQ(seen.header("X-Amz-Content-Sha256"),
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
}

TEST_F(S3StoreTest, OverTlsTheBodyIsNotHashed) {
  s3_.config.endpoint = "https://server";
  http().answer(200);
  s3_.store()->put("a", "1");
  EXPECT_EQ(http().seen.at(0).header("X-Amz-Content-Sha256"), "UNSIGNED-PAYLOAD");
}

TEST_F(S3StoreTest, SettingsBecomeHeaders) {
  s3_.config.checksums = false;
  s3_.config.requester_pays = true;
  s3_.config.sse = "aws:kms";
  s3_.config.sse_kms_key_id = "key-1";
  http().answer(200);
  s3_.store()->put("a", "1");
  const ScriptedHttp::Seen& seen = http().seen.at(0);
  EXPECT_EQ(seen.header("x-amz-checksum-crc32c"), "(none)");
  EXPECT_EQ(seen.header("x-amz-request-payer"), "requester");
  EXPECT_EQ(seen.header("x-amz-server-side-encryption"), "aws:kms");
  EXPECT_EQ(seen.header("x-amz-server-side-encryption-aws-kms-key-id"), "key-1");
}

TEST_F(S3StoreTest, AnonymousRequestsAreNotSigned) {
  s3_.config.anonymous = true;
  s3_.credentials = nullptr;
  http().answer(200);
  http().answer(403);
  const auto store = s3_.store();
  store->put("a", "1");
  EXPECT_EQ(http().seen.at(0).header("Authorization"), "(none)");
  const std::string message = message_of<PermissionDenied>([&] { store->put("a", "1"); });
  EXPECT_NE(message.find("anonymous"), std::string::npos) << message;
}

TEST_F(S3StoreTest, PutIfAbsentSaysWhoWon) {
  http().answer(200);
  EXPECT_EQ(store_->put_if_absent("a", "1"), PutOutcome::created);
  EXPECT_EQ(http().seen.at(0).header("If-None-Match"), "*");
  http().answer(412, s3_error_body("PreconditionFailed"));
  EXPECT_EQ(store_->put_if_absent("a", "1"), PutOutcome::exists);
  http().answer(304);
  EXPECT_EQ(store_->put_if_absent("a", "1"), PutOutcome::exists);
}

TEST_F(S3StoreTest, AConflictIsResolvedByLooking) {
  http().answer(409, s3_error_body("ConditionalRequestConflict"));
  http().answer(206, "x", {{"content-range", "bytes 0-0/5"}});
  EXPECT_EQ(store_->put_if_absent("a", "1"), PutOutcome::exists);

  http().answer(409, s3_error_body("ConditionalRequestConflict"));
  http().answer(404, s3_error_body("NoSuchKey"));
  try {
    static_cast<void>(store_->put_if_absent("a", "1"));
    FAIL();
  } catch (const RequestFailed& error) {
    EXPECT_EQ(error.effect(), Effect::unknown);
  }
}

TEST_F(S3StoreTest, ALostAnswerIsUnknownAndNotRepeated) {
  http().lose_answer();
  const auto retrying = make_retry_store(store_, system_environment());
  EXPECT_THROW(static_cast<void>(retrying->put_if_absent("a", "1")), StoreUnavailable);
  EXPECT_EQ(http().seen.size(), 1U);
}

TEST_F(S3StoreTest, StoresWithoutConditionalWritesAreRefused) {
  http().answer(501, s3_error_body("NotImplemented"), {{"server", "OldStore/1"}});
  const std::string message =
      message_of<StoreUnsuitable>([&] { static_cast<void>(store_->put_if_absent("a", "1")); });
  EXPECT_NE(message.find("OldStore/1"), std::string::npos) << message;
  EXPECT_NE(message.find("If-None-Match"), std::string::npos) << message;
}

// Some servers have conditional writes and answer 501 to checksums; the remedy is another one.
TEST_F(S3StoreTest, StoresThatRefuseChecksumsMayHaveConditionalWrites) {
  constexpr const char* remedy = "AWS_REQUEST_CHECKSUM_CALCULATION=when_required";
  http().answer(501, s3_error_body("NotImplemented"));
  const std::string with =
      message_of<StoreUnsuitable>([&] { static_cast<void>(store_->put_if_absent("a", "1")); });
  EXPECT_NE(with.find(remedy), std::string::npos) << with;

  s3_.config.checksums = false;
  http().answer(501, s3_error_body("NotImplemented"));
  const auto store = s3_.store();
  const std::string without =
      message_of<StoreUnsuitable>([&] { static_cast<void>(store->put_if_absent("a", "1")); });
  EXPECT_EQ(without.find(remedy), std::string::npos) << without;
}

TEST_F(S3StoreTest, Status200WithAnErrorIsAnError) {
  http().answer(200, s3_error_body("InternalError"));
  EXPECT_THROW(store_->put("a", "1"), StoreUnavailable);
  http().answer(200, s3_error_body("SlowDown"));
  EXPECT_THROW(static_cast<void>(store_->put_if_absent("a", "1")), StoreUnavailable);
  http().answer(200, s3_error_body("InternalError"));
  EXPECT_THROW(store_->remove(Keys{"a", "b"}), StoreUnavailable);
  http().answer(200, s3_error_body("InternalError"));
  EXPECT_THROW(store_->list("", "", 0), StoreUnavailable);
}

TEST_F(S3StoreTest, BusyStoresSayHowLong) {
  for (const int status : {429, 503}) {
    http().answer(status, s3_error_body("SlowDown"), {{"retry-after", "7"}});
    try {
      store_->get("a", ByteRange::whole());
      FAIL();
    } catch (const RequestFailed& error) {
      EXPECT_EQ(error.effect(), Effect::none);
      EXPECT_EQ(error.retry_after(), 7s);
    }
  }
  http().answer(429, "",
                {{"retry-after", "Tue, 24 Nov 2026 12:00:09 GMT"},
                 {"date", "Tue, 24 Nov 2026 12:00:00 GMT"}});
  try {
    store_->get("a", ByteRange::whole());
    FAIL();
  } catch (const RequestFailed& error) {
    EXPECT_EQ(error.retry_after(), 9s);
  }
  http().answer(503, "", {{"retry-after", "86400"}});
  try {
    store_->get("a", ByteRange::whole());
    FAIL();
  } catch (const RequestFailed& error) {
    EXPECT_EQ(error.effect(), Effect::unknown);  // perhaps a proxy's: who knows
    EXPECT_LE(error.retry_after(), 60s);
  }
}

TEST_F(S3StoreTest, EveryRefusalHasItsError) {
  EXPECT_NE(refusal<NotAFlood>(404, s3_error_body("NoSuchBucket")).find("\"bucket\""),
            std::string::npos);
  refusal<InvalidArgument>(301, s3_error_body("PermanentRedirect"));
  refusal<InvalidArgument>(400, s3_error_body("InvalidBucketName"));
  refusal<PermissionDenied>(403, s3_error_body("AccessDenied"));
  refusal<PermissionDenied>(403, s3_error_body("InvalidAccessKeyId"));
  EXPECT_NE(refusal<PermissionDenied>(403, s3_error_body("SignatureDoesNotMatch")).find("secret"),
            std::string::npos);
  EXPECT_NE(refusal<PermissionDenied>(400, s3_error_body("ExpiredToken")).find("expired"),
            std::string::npos);
  refusal<PermissionDenied>(401);
  refusal<StoreFull>(507);
  refusal<StoreFull>(403, s3_error_body("QuotaExceeded"));
  refusal<StoreUnavailable>(500, s3_error_body("InternalError"));
  refusal<StoreUnavailable>(502, "<html>bad gateway</html>");
  refusal<StoreUnavailable>(404, "<html>no such page</html>");  // not S3's: nothing is known
  refusal<StoreUnsuitable>(400, s3_error_body("InvalidRequest"));
}

TEST_F(S3StoreTest, SecretsAreNotRepeated) {
  s3_.credentials->now->session_token = "session-token-0123456789012345678901234567890123456789";
  const std::string long_word(64, 'f');
  const std::string message = refusal<PermissionDenied>(
      403, s3_error_body("SignatureDoesNotMatch", "<Message>you sent AWS4-HMAC-SHA256 " +
                                                      long_word + "</Message>" + "<StringToSign>" +
                                                      long_word + "</StringToSign>"));
  EXPECT_EQ(message.find(long_word), std::string::npos) << message;
  EXPECT_EQ(message.find("very-secret-key"), std::string::npos);
  EXPECT_EQ(message.find("session-token"), std::string::npos);
  EXPECT_NE(refusal<PermissionDenied>(403, s3_error_body("AccessDenied", "<Message>No.</Message>"))
                .find("\"No.\""),
            std::string::npos);
}

TEST_F(S3StoreTest, LearnsTheRegion) {
  s3_.config.endpoint.clear();
  const auto store = s3_.store();
  http().answer(301, "", {{"x-amz-bucket-region", "eu-west-3"}});
  http().answer(200);
  http().answer(200);
  store->put("a", "1");
  store->put("a", "1");
  ASSERT_EQ(http().seen.size(), 3U);
  EXPECT_EQ(http().seen[0].url, "https://bucket.s3.us-east-1.amazonaws.com/p/a");
  EXPECT_EQ(http().seen[1].url, "https://bucket.s3.eu-west-3.amazonaws.com/p/a");
  EXPECT_EQ(http().seen[2].url, http().seen[1].url);
  EXPECT_NE(http().seen[1].header("Authorization").find("/eu-west-3/s3/"), std::string::npos);
}

TEST_F(S3StoreTest, LearnsTheRegionFromABody) {
  http().answer(400, s3_error_body("AuthorizationHeaderMalformed", "<Region>garage</Region>"));
  http().answer(200);
  store_->put("a", "1");
  EXPECT_NE(http().seen.at(1).header("Authorization").find("/garage/s3/"), std::string::npos);
  // What cannot be the name of a region is not put into a host name.
  http().answer(301, "", {{"x-amz-bucket-region", "evil.example/"}});
  EXPECT_THROW(store_->put("a", "1"), InvalidArgument);
  EXPECT_EQ(http().seen.size(), 3U);
}

TEST_F(S3StoreTest, LearnsTheTime) {
  http().answer(403, s3_error_body("RequestTimeTooSkewed"),
                {{"date", "Tue, 24 Nov 2026 15:30:00 GMT"}});
  http().answer(200);
  http().answer(200);
  store_->put("a", "1");
  store_->put("a", "1");
  EXPECT_EQ(http().seen.at(0).header("X-Amz-Date"), "20261124T120000Z");
  EXPECT_EQ(http().seen.at(1).header("X-Amz-Date"), "20261124T153000Z");
  EXPECT_EQ(http().seen.at(2).header("X-Amz-Date"), "20261124T153000Z");
}

TEST_F(S3StoreTest, GivesUpWhenTheTimeIsNotWhatIsWrong) {
  http().otherwise = [](const HttpRequest&) {
    return HttpResponse{
        403, {{"date", "Tue, 24 Nov 2026 12:00:03 GMT"}}, s3_error_body("RequestTimeTooSkewed"), 0};
  };
  EXPECT_THROW(store_->put("a", "1"), PermissionDenied);
  EXPECT_EQ(http().seen.size(), 1U);
}

TEST_F(S3StoreTest, TakesCredentialsThatHaveBeenReplaced) {
  http().otherwise = [this](const HttpRequest& request) {
    const std::string authorized = request.headers.back().value;
    if (authorized.find("AKID2/") != std::string::npos) return HttpResponse{200, {}, {}, 0};
    s3_.credentials->now->access_key_id = "AKID2";  // refreshed meanwhile
    return HttpResponse{403, {}, s3_error_body("ExpiredToken"), 0};
  };
  store_->put("a", "1");
  EXPECT_EQ(http().seen.size(), 2U);
}

TEST_F(S3StoreTest, AsksForOtherCredentialsOnceWhenTheyAreRefused) {
  ScriptedCredentials& credentials = *s3_.credentials;
  for (const auto& [status, code] : {std::pair(400, "ExpiredToken"),
                                     {403, "InvalidTokenId"},
                                     {400, "InvalidToken"},
                                     {403, "InvalidAccessKeyId"}}) {
    credentials.next = Credentials{std::string("AKID-") + code, "very-secret-key", "token", {}};
    const std::size_t before = http().seen.size();
    http().answer(status, s3_error_body(code));
    http().answer(200);
    store_->put("a", "1");
    ASSERT_EQ(http().seen.size(), before + 2) << code;
    EXPECT_NE(http().seen.back().header("Authorization").find(code), std::string::npos);
  }
  // Once for each request, whatever comes.
  credentials.next = Credentials{"AKID-3", "very-secret-key", "token", {}};
  credentials.renewals = 0;
  http().answer(400, s3_error_body("ExpiredToken"));
  http().answer(400, s3_error_body("ExpiredToken"));
  const std::string message = message_of<PermissionDenied>([&] { store_->put("a", "1"); });
  EXPECT_NE(message.find("get new credentials"), std::string::npos) << message;
  EXPECT_EQ(credentials.renewals, 1);
}

TEST_F(S3StoreTest, AnswersWithoutABodyMayMeanAnExpiredToken) {
  ScriptedCredentials& credentials = *s3_.credentials;
  http().answer(400);
  http().answer(400);  // to the question why
  EXPECT_THROW(store_->now(), StoreUnsuitable);
  EXPECT_EQ(credentials.renewals, 0);  // keys of long life do not expire
  credentials.now->session_token = "token";
  credentials.next = Credentials{"AKID-2", "very-secret-key", "token-2", {}};
  http().answer(400);
  http().answer(200, "", {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  store_->now();
  EXPECT_EQ(credentials.renewals, 1);
}

TEST_F(S3StoreTest, SaysThatThereAreNoCredentials) {
  s3_.credentials->now.reset();
  const std::string message =
      message_of<PermissionDenied>([&] { store_->get("a", ByteRange::whole()); });
  EXPECT_NE(message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST_F(S3StoreTest, DatesAnswers) {
  http().answer(200, "", {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  EXPECT_EQ(store_->now().date, StoreTimestamp(parse_timestamp("1994-11-06T08:49:37Z")));
  EXPECT_EQ(http().seen.at(0).method, "HEAD");
  EXPECT_EQ(http().seen.at(0).url, "http://server:9000/bucket");
  for (const char* date : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
    http().answer(200, "", {{"date", date}});
    EXPECT_THROW(store_->now(), StoreUnsuitable) << date;
  }
}

TEST_F(S3StoreTest, PresignsForAsLongAsTheCredentialsLive) {
  const auto url = store_->presign("head/a", 600s);
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->url.starts_with("http://server:9000/bucket/p/head/a?X-Amz-Algorithm="));
  EXPECT_EQ(url->expires, StoreTimestamp(parse_timestamp("2026-11-24T12:10:00Z")));
  s3_.credentials->now->expires =
      std::chrono::floor<std::chrono::seconds>(parse_timestamp("2026-11-24T12:05:00Z"));
  EXPECT_EQ(store_->presign("head/a", 600s)->expires,
            StoreTimestamp(parse_timestamp("2026-11-24T12:05:00Z")));
  EXPECT_THROW(store_->presign("head/a", 604'801s), InvalidArgument);
  EXPECT_THROW(store_->presign("head/a", 0s), InvalidArgument);
  EXPECT_THROW(store_->presign("../a", 60s), InvalidArgument);
  EXPECT_TRUE(http().seen.empty());
}

TEST(S3Config, RefusesWhatCannotBe) {
  ScriptedS3 good;
  good.store();
  const auto refused = [](auto change) {
    ScriptedS3 s3;
    change(s3.config);
    EXPECT_THROW(s3.store(), InvalidArgument);
  };
  refused([](S3Config& c) { c.bucket = "a"; });
  refused([](S3Config& c) { c.bucket = "bucket name"; });
  refused([](S3Config& c) { c.prefix = "a//b"; });
  refused([](S3Config& c) { c.prefix = std::string(121, 'a'); });
  refused([](S3Config& c) { c.endpoint = "server:9000"; });
  refused([](S3Config& c) { c.endpoint = "http://user:password@server"; });
  refused([](S3Config& c) { c.region = "eu.west"; });
  refused([](S3Config& c) {
    c.endpoint.clear();
    c.region = "EU_WEST";
  });
  refused([](S3Config& c) {
    c.endpoint = "https://server";
    c.endpoint_kind.fips = true;
  });
  refused([](S3Config& c) { c.sse = "rot13"; });
  refused([](S3Config& c) { c.sse_kms_key_id = "key"; });
}

TEST(S3Config, AddressesBuckets) {
  S3Config config;
  config.bucket = "my-bucket";
  EXPECT_EQ(s3_base_url(config, "eu-west-1"), "https://my-bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(s3_base_url(config, "cn-north-1"), "https://my-bucket.s3.cn-north-1.amazonaws.com.cn");
  config.endpoint_kind = {.fips = true, .dual_stack = true};
  EXPECT_EQ(s3_base_url(config, "us-east-2"),
            "https://my-bucket.s3-fips.dualstack.us-east-2.amazonaws.com");
  config = {};
  config.bucket = "dotted.bucket";
  EXPECT_EQ(s3_base_url(config, "eu-west-1"), "https://s3.eu-west-1.amazonaws.com/dotted.bucket");
  config.bucket = "b-1";
  config.endpoint = "http://127.0.0.1:9000/";
  EXPECT_EQ(s3_base_url(config, "x"), "http://127.0.0.1:9000/b-1");
  config.addressing = S3Config::Addressing::virtual_host;
  EXPECT_EQ(s3_base_url(config, "x"), "http://b-1.127.0.0.1:9000");
}

// A bucket that somebody else writes.
class ForeignS3Test : public testing::Test {
 protected:
  void open(const std::string& prefix) {
    s3_.config.keys = S3Config::Keys::any;
    s3_.config.prefix = prefix;
    check_s3_config(s3_.config);
    store_ = s3_.store();
  }
  ScriptedS3 s3_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(ForeignS3Test, KeysMayBeAnyBytes) {
  open("old root");
  s3_.http->answer(
      200,
      "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents>"
      "<Key>old%20root/a%20b/%C3%BC%3F</Key><Size>1</Size>"
      "<LastModified>2026-11-24T12:00:00Z</LastModified></Contents>"
      "</ListBucketResult>");
  const ListPage page = store_->list("a b", "", 0);
  ASSERT_EQ(page.objects.size(), 1u);
  EXPECT_EQ(page.objects[0].key, "a b/\xc3\xbc?");
  EXPECT_NE(s3_.http->seen.at(0).url.find("prefix=old%20root%2Fa%20b"), std::string::npos);
  s3_.http->answer(200, "x");
  EXPECT_EQ(store_->get(page.objects[0].key, ByteRange::whole())->bytes, "x");
  EXPECT_EQ(s3_.http->seen.at(1).url, "http://server:9000/bucket/old%20root/a%20b/%C3%BC%3F");
}

TEST_F(ForeignS3Test, WithoutAPrefixKeysBeginWithASlash) {
  open("");
  s3_.http->answer(200, "x");
  EXPECT_EQ(store_->get("journals/a", ByteRange::whole())->bytes, "x");
  EXPECT_EQ(s3_.http->seen.at(0).url, "http://server:9000/bucket//journals/a");
}

TEST_F(ForeignS3Test, IsNotWritten) {
  open("root");
  EXPECT_THROW(store_->put("a", "1"), PermissionDenied);
  EXPECT_THROW(static_cast<void>(store_->put_if_absent("a", "1")), PermissionDenied);
  EXPECT_THROW(store_->remove(std::vector<std::string>{"a"}), PermissionDenied);
  EXPECT_THROW(store_->sweep(1s), PermissionDenied);
  EXPECT_TRUE(s3_.http->seen.empty());
}

}  // namespace
}  // namespace flashflood

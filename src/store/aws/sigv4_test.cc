// The examples that AWS publishes with their signatures.
#include "store/aws/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "store/aws/digest.h"
#include "store/aws/percent.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;

std::chrono::sys_seconds at(int year, unsigned month, unsigned day,
                            std::chrono::seconds time = {}) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day)) +
         time;
}

std::string authorization(const HttpRequest& request) {
  const auto found =
      std::find_if(request.headers.begin(), request.headers.end(),
                   [](const HttpHeader& header) { return header.name == "Authorization"; });
  return found == request.headers.end() ? "" : found->value;
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
class S3Examples : public testing::Test {
 protected:
  const Credentials credentials_{
      "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", {}};
  const SigningScope scope_{"us-east-1", "s3", at(2013, 5, 24)};
  const std::string host_ = "https://examplebucket.s3.amazonaws.com";

  std::string sign(HttpRequest request) {
    sign_request(request, credentials_, scope_);
    return authorization(request);
  }
};

TEST_F(S3Examples, GetObject) {
  EXPECT_EQ(sign({"GET", host_ + "/test.txt", {{"Range", "bytes=0-9"}}}),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3Examples, PutObject) {
  const std::string authorized = sign(
      {"PUT",
       host_ + "/test%24file.text",
       {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
       "Welcome to Amazon S3."});
  EXPECT_TRUE(authorized.ends_with(
      "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"))
      << authorized;
}

TEST_F(S3Examples, GetBucketLifecycle) {
  const std::string authorized = sign({"GET", host_ + "?lifecycle"});
  EXPECT_TRUE(authorized.ends_with(
      "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))
      << authorized;
}

TEST_F(S3Examples, ListObjects) {
  for (const char* query : {"/?max-keys=2&prefix=J", "/?prefix=J&max-keys=2"}) {
    const std::string authorized = sign({"GET", host_ + query});
    EXPECT_TRUE(authorized.ends_with(
        "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"))
        << authorized;
  }
}

TEST_F(S3Examples, PresignedUrl) {
  EXPECT_EQ(
      presigned_url(host_ + "/test.txt", credentials_, scope_, 86'400s),
      host_ +
          "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
          "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
          "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
          "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// Cases of the "AWS Signature Version 4 test suite" (aws-sig-v4-test-suite).
class TestSuite : public testing::Test {
 protected:
  std::string sign(const std::string& method, const std::string& target,
                   std::vector<HttpHeader> headers = {}, BytesView body = {}) {
    HttpRequest request{method, "https://example.amazonaws.com" + target, std::move(headers), body};
    sign_request(request, {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}},
                 {"us-east-1", "service", at(2015, 8, 30, 12h + 36min)});
    const std::string authorized = authorization(request);
    return authorized.substr(authorized.find("SignedHeaders="));
  }
};

TEST_F(TestSuite, GetVanilla) {
  EXPECT_EQ(sign("GET", "/"),
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST_F(TestSuite, GetVanillaQueryOrderKeyCase) {
  EXPECT_EQ(sign("GET", "/?Param2=value2&Param1=value1"),
            "SignedHeaders=host;x-amz-date, "
            "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_F(TestSuite, PostVanilla) {
  EXPECT_EQ(sign("POST", "/"),
            "SignedHeaders=host;x-amz-date, "
            "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST_F(TestSuite, PostFormUrlEncoded) {
  EXPECT_EQ(
      sign("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1"),
      "SignedHeaders=content-type;host;x-amz-date, "
      "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST_F(TestSuite, GetHeaderValueTrim) {
  EXPECT_EQ(sign("GET", "/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}),
            "SignedHeaders=host;my-header1;my-header2;x-amz-date, "
            "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST(SigV4, SessionTokensAreSignedAndPresigned) {
  const Credentials credentials{"AK", "secret", "to/ken+=", {}};
  const SigningScope scope{"eu-west-1", "s3", at(2026, 1, 2)};
  HttpRequest request{"GET", "https://b.example/k"};
  sign_request(request, credentials, scope, Payload::unhashed);
  EXPECT_NE(authorization(request).find("x-amz-security-token"), std::string::npos);
  const std::string url = presigned_url("https://b.example/k", credentials, scope, 60s);
  EXPECT_NE(url.find("X-Amz-Security-Token=to%2Fken%2B%3D&"), std::string::npos) << url;
  EXPECT_EQ(url.find("secret"), std::string::npos);
}

// Clients leave the port out of Host where it is the scheme's own, and that is what servers check.
TEST(Sigv4, TheHostIsSignedAsItIsSent) {
  const Credentials credentials{"AKID", "secret", "", {}};
  const SigningScope scope{"us-east-1", "s3", at(2026, 11, 24)};
  const auto signature = [&](const std::string& origin) {
    HttpRequest request{"GET", origin + "/bucket/key"};
    sign_request(request, credentials, scope);
    return authorization(request);
  };
  const auto presigned = [&](const std::string& origin) {
    const std::string url = presigned_url(origin + "/bucket/key", credentials, scope, 60s);
    EXPECT_TRUE(url.starts_with(origin + "/bucket/key?")) << url;
    return url.substr(origin.size());
  };
  EXPECT_EQ(signature("http://h:80"), signature("http://h"));
  EXPECT_EQ(signature("https://h:443"), signature("https://h"));
  EXPECT_EQ(signature("http://[::1]:80"), signature("http://[::1]"));
  EXPECT_EQ(presigned("http://h:80"), presigned("http://h"));
  EXPECT_EQ(presigned("https://h:443"), presigned("https://h"));
  for (const std::string other : {"http://h:443", "http://h:8080", "https://h:80", "http://[::80]"})
    EXPECT_NE(signature(other), signature("http://h")) << other;
  EXPECT_NE(signature("http://[::80]"), signature("http://[:]"));
}

TEST(Digest, KnownValues) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // RFC 4231, case 2
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(md5("abc").value_or("")), "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(crc32c("56789", crc32c("1234")), 0xE3069283U);
  EXPECT_EQ(crc32c_header("123456789"), "4waSgw==");
}

TEST(Digest, Base64) {  // RFC 4648, section 10
  const char* const cases[][2] = {{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, encoded] : cases) EXPECT_EQ(to_base64(text), encoded);
}

TEST(Percent, EncodesAndDecodes) {
  EXPECT_EQ(percent_encoded("a/b c+~%\xC3\xA9"), "a%2Fb%20c%2B~%25%C3%A9");
  EXPECT_EQ(percent_encoded("a/b c", Slash::kept), "a/b%20c");
  EXPECT_EQ(form_decoded("a%2Fb+c%2b%"), "a/b c+%");
  EXPECT_EQ(form_decoded("%zz%4"), "%zz%4");
}

}  // namespace
}  // namespace flashflood

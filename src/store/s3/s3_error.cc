#include "store/s3/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/text.h"
#include "flashflood/error.h"
#include "flashflood/event.h"
#include "store/http/http_date.h"
#include "store/request_failed.h"
#include "store/s3/s3_xml.h"

namespace flashflood {
namespace {

using Effect = RequestFailed::Effect;

// What a refusal means for the caller.
enum class Meaning {
  try_later,   // nothing was done; the store is busy
  in_doubt,    // no telling what was done
  no_bucket,   // there is nothing of this name
  wrong_call,  // the name, the region or a setting is wrong
  denied,      // keys or rights
  full,        //
  unsuitable,  // the store cannot do what is needed
};

struct Known {
  std::string_view code;
  Meaning meaning;
  std::string_view remedy;
};

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and other dialects.
constexpr Known known_codes[] = {
    {"SlowDown", Meaning::try_later, "the store asks for fewer requests"},
    {"SlowDownRead", Meaning::try_later, "the store asks for fewer requests"},
    {"SlowDownWrite", Meaning::try_later, "the store asks for fewer requests"},
    {"TooManyRequests", Meaning::try_later, "the store asks for fewer requests"},
    {"RequestLimitExceeded", Meaning::try_later, "the store asks for fewer requests"},
    {"Busy", Meaning::try_later, "the store is busy"},
    {"RequestTimeout", Meaning::in_doubt, "the request was too slow for the store"},
    {"OperationAborted", Meaning::in_doubt, "another request for the same name was under way"},
    {"ConditionalRequestConflict", Meaning::in_doubt,
     "another request for the same name was under way"},
    {"BadDigest", Meaning::try_later, "the bytes were damaged on their way"},
    {"XAmzContentChecksumMismatch", Meaning::try_later, "the bytes were damaged on their way"},
    {"XAmzContentSHA256Mismatch", Meaning::try_later, "the bytes were damaged on their way"},
    {"IncompleteBody", Meaning::try_later, "the request was cut off"},
    {"TemporaryRedirect", Meaning::try_later,
     "the bucket's address is not known everywhere yet; it may be new"},
    {"NoSuchUpload", Meaning::in_doubt, "the upload in parts was aborted meanwhile"},
    {"NoSuchBucket", Meaning::no_bucket, "check the name, the endpoint and the region"},
    {"InvalidBucketName", Meaning::wrong_call, "check the name of the bucket"},
    {"AuthorizationHeaderMalformed", Meaning::wrong_call, "set AWS_REGION to the bucket's region"},
    {"PermanentRedirect", Meaning::wrong_call, "set AWS_REGION to the bucket's region"},
    {"IllegalLocationConstraintException", Meaning::wrong_call,
     "set AWS_REGION to the bucket's region"},
    {"KMS.NotFoundException", Meaning::wrong_call, "check FLASHFLOOD_S3_SSE_KMS_KEY_ID"},
    {"KMS.DisabledException", Meaning::wrong_call, "check FLASHFLOOD_S3_SSE_KMS_KEY_ID"},
    {"InvalidAccessKeyId", Meaning::denied,
     "the store does not know this access key; check the credentials"},
    {"XAdminUserNotFound", Meaning::denied,
     "the store does not know this access key; check the credentials"},
    {"SignatureDoesNotMatch", Meaning::denied,
     "the secret key is wrong, or something on the way changes requests"},
    {"ExpiredToken", Meaning::denied, "the session token has expired; get new credentials"},
    {"TokenRefreshRequired", Meaning::denied, "the session token has expired; get new credentials"},
    {"InvalidToken", Meaning::denied, "the session token is not valid; get new credentials"},
    {"InvalidTokenId", Meaning::denied, "the session token is not valid; get new credentials"},
    {"RequestTimeTooSkewed", Meaning::denied,
     "the store takes the request's time for wrong; check both clocks"},
    {"RequestExpired", Meaning::denied,
     "the store takes the request's time for wrong; check both clocks"},
    {"AccessDenied", Meaning::denied,
     "the credentials do not allow this (without s3:ListBucket, what is missing is denied too)"},
    {"AllAccessDisabled", Meaning::denied, "access to the bucket is switched off"},
    {"AccountProblem", Meaning::denied, "the account has a problem"},
    {"QuotaExceeded", Meaning::full, "the quota is used up"},
    {"StorageFull", Meaning::full, "the store is full"},
    {"InsufficientStorage", Meaning::full, "the store is full"},
    {"XMinioStorageFull", Meaning::full, "the store is full"},
    {"NotImplemented", Meaning::unsuitable,
     "the store does not know this request; for old servers set "
     "AWS_REQUEST_CHECKSUM_CALCULATION=when_required"},
    {"MethodNotAllowed", Meaning::unsuitable, "the store does not know this request"},
};

Known by_status(int status) {
  if (status == 429) return {"", Meaning::try_later, "the store asks for fewer requests"};
  if (status == 401) return {"", Meaning::denied, "the store wants other credentials"};
  if (status == 403) return {"", Meaning::denied, "the credentials do not allow this"};
  if (status == 407) return {"", Meaning::denied, "the proxy wants credentials"};
  if (status == 507) return {"", Meaning::full, "the store is full"};
  if (status == 408 || status == 409 || status == 425 || status >= 500) {
    return {"", Meaning::in_doubt, "the store could not answer"};
  }
  if (status == 404) {
    return {"", Meaning::in_doubt, "the answer is not S3's; check that the endpoint is one of S3"};
  }
  if (status / 100 == 3) {
    return {"", Meaning::wrong_call,
            "the store sends elsewhere; check the endpoint and the region"};
  }
  if (status / 100 == 2) return {"", Meaning::in_doubt, "the answer is not S3's"};
  return {"", Meaning::unsuitable,
          "the store does not take this request; for old servers set "
          "AWS_REQUEST_CHECKSUM_CALCULATION=when_required"};
}

Known meaning_of(int status, std::string_view code) {
  for (const Known& known : known_codes) {
    if (known.code == code) return known;
  }
  return by_status(status);
}

// "Retry-After: 3" or a date; bounded, since a server cannot stop us for hours.
std::chrono::nanoseconds retry_after(const HttpResponse& response) {
  constexpr std::chrono::seconds longest{30};
  const std::string_view text = response.header("retry-after").value_or("");
  if (const std::optional<std::uint64_t> seconds = parse_decimal(text)) {
    return std::chrono::seconds(
        std::min<std::uint64_t>(*seconds, static_cast<std::uint64_t>(longest.count())));
  }
  const auto then = parse_http_date(text);
  const auto now = date_of(response);
  if (!then || !now) return {};
  return std::clamp(*then - *now, std::chrono::seconds(0), longest);
}

// Servers explain; some repeat what they were sent. A message with a word as long as a signature or
// a token is left out: the code and the remedy say enough.
bool may_hold_secret(std::string_view message) {
  constexpr std::size_t word_max = 32;
  std::size_t length = 0;
  for (const char c : message) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=' || c == '%';
    length = letter ? length + 1 : 0;
    if (length > word_max) return true;
  }
  return false;
}

std::string compose(const S3Attempt& attempt, const HttpResponse& response, std::string_view code,
                    std::string_view message, std::string_view remedy) {
  std::string text =
      fmt::format("{} at {}: {} (HTTP {}", attempt.what, attempt.endpoint, remedy, response.status);
  if (!code.empty()) text += ", " + quote(code, 60);
  if (!message.empty() && !may_hold_secret(message)) text += ": " + quote(message, 200);
  text += ')';
  if (const auto id = response.header("x-amz-request-id"))
    text += fmt::format(" [request {}]", quote(*id, 64));
  return text;
}

}  // namespace

std::string s3_error_code(const HttpResponse& response) {
  const std::optional<S3ErrorBody> body = parse_s3_error(response.body);
  return body ? body->code : "";
}

void throw_s3_error(const S3Attempt& attempt, const HttpResponse& response, std::string_view code,
                    std::string_view message) {
  const Known known = meaning_of(response.status, code);
  std::string remedy(known.remedy);
  if (known.meaning == Meaning::denied && attempt.anonymous) {
    remedy += "; the request was anonymous";
  }
  if (known.meaning == Meaning::wrong_call) {
    remedy += fmt::format("; asked for bucket {} in region {}", quote(attempt.bucket),
                          quote(attempt.region));
  }
  if (known.meaning == Meaning::no_bucket) {
    remedy = fmt::format("there is no bucket {}; {}", quote(attempt.bucket), remedy);
  }
  const std::string text = compose(attempt, response, code, message, remedy);
  switch (known.meaning) {
    case Meaning::try_later:
      throw RequestFailed(text, Effect::none, retry_after(response));
    case Meaning::in_doubt:
      throw RequestFailed(text, Effect::unknown, retry_after(response));
    case Meaning::no_bucket:
      throw NotAFlood(text);
    case Meaning::wrong_call:
      throw InvalidArgument(text);
    case Meaning::denied:
      throw PermissionDenied(text);
    case Meaning::full:
      throw StoreFull(text);
    case Meaning::unsuitable:
      throw StoreUnsuitable(text);
  }
  throw StoreUnavailable(text);
}

}  // namespace flashflood

#include "store/s3/s3_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/digest.h"
#include "store/aws/percent.h"
#include "store/aws/sigv4.h"
#include "store/http/http_date.h"
#include "store/s3/s3_error.h"
#include "store/s3/s3_xml.h"

namespace flashflood {
namespace {

constexpr std::string_view default_region = "us-east-1";
constexpr int attempts_max = 4;
constexpr std::chrono::seconds time_base{30};
constexpr std::size_t bytes_per_second_min = std::size_t{128} << 10;
constexpr std::chrono::minutes skew_min{5};
constexpr std::chrono::seconds presign_max{604'800};  // S3 takes no more

// What was good before is no longer: it has expired, or somebody has replaced it.
bool outdated(std::string_view code) {
  return code == "ExpiredToken" || code == "TokenRefreshRequired" || code == "InvalidToken" ||
         code == "InvalidTokenId" || code == "InvalidAccessKeyId";
}

bool skewed(std::string_view code) {
  return code == "RequestTimeTooSkewed" || code == "RequestExpired";
}

}  // namespace

S3Client::S3Client(S3Config config, std::shared_ptr<HttpClient> http,
                   std::shared_ptr<CredentialSource> credentials, const Environment& environment,
                   std::shared_ptr<Retrier> retrier)
    : config_(std::move(config)),
      http_(std::move(http)),
      credentials_(std::move(credentials)),
      clock_(environment.clock),
      io_(environment.io),
      log_(environment.log),
      retrier_(std::move(retrier)),
      region_(config_.region.empty() ? default_region : config_.region) {
  check_s3_config(config_);
}

S3Client::Attempt S3Client::begin_attempt() const {
  Attempt attempt;
  if (!config_.anonymous) {
    std::optional<Credentials> credentials = credentials_->get();
    if (!credentials) {
      throw PermissionDenied(
          "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a "
          "profile, or FLASHFLOOD_S3_ANONYMOUS=true for a public bucket");
    }
    attempt.credentials = std::move(*credentials);
  }
  attempt.time = std::chrono::floor<std::chrono::seconds>(clock_->wall_now()) +
                 std::chrono::seconds(clock_offset_s_.load());
  std::lock_guard lock(mutex_);
  attempt.region = region_;
  return attempt;
}

std::string S3Client::url(const S3Request& request, const std::string& region) const {
  std::string url = s3_base_url(config_, region) + '/' + percent_encoded(request.key, Slash::kept);
  if (request.key.empty() && url.ends_with('/' + config_.bucket + '/')) {
    url.pop_back();  // "/bucket": some servers know no "/bucket/"
  }
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    url += separator + percent_encoded(name) + '=' + percent_encoded(value);
    separator = '&';
  }
  return url;
}

HttpResponse S3Client::send_once(const S3Request& request, const Attempt& attempt) {
  HttpRequest http;
  http.method = request.method;
  http.url = url(request, attempt.region);
  http.headers = request.headers;
  http.body = request.body;
  http.body_into = request.body_into;
  http.response_bytes_max = request.response_bytes_max;
  const std::size_t bytes =
      request.body.size() + std::max(request.body_into.size(), request.response_bytes_max);
  http.total_timeout =
      request.time_max.value_or(time_base + std::chrono::seconds(bytes / bytes_per_second_min));
  if (config_.requester_pays) http.headers.push_back({"x-amz-request-payer", "requester"});
  if (!config_.sse_c_key.empty() && !request.key.empty() && request.method != "DELETE")
    add_customer_key(http);
  if (!config_.anonymous) {
    // TLS protects the body, and its CRC-32C is signed; without TLS all of it has to be.
    const bool tls = http.url.starts_with("https://");
    sign_request(http, attempt.credentials, {attempt.region, "s3", attempt.time},
                 tls ? Payload::unhashed : Payload::hashed);
  }
  const bool hedge = request.hedge && config_.hedging;
  bool hedged = false;
  if (hedge) {
    http.hedge_after = hedging_.delay();
    http.on_hedge = [&] {
      hedged = true;
      count(request, Copy::second);
      log_.tell(LogRecord::Level::debug, [&] {
        return fmt::format("{} {}: no answer for {} ms; the request is sent a second time",
                           request.method, quote(request.key), http.hedge_after.count());
      });
    };
  }
  http.on_resend = [&] { count(request, Copy::first); };
  count(request, Copy::first);
  const std::chrono::nanoseconds began = clock_->steady_now();
  HttpResponse response = http_->send(http);
  if (hedge) hedging_.record(clock_->steady_now() - began, hedged);
  return response;
}

void S3Client::add_customer_key(HttpRequest& http) const {
  constexpr std::string_view prefix = "x-amz-server-side-encryption-customer-";
  const std::string digest = md5(*from_base64(config_.sse_c_key)).value();
  http.headers.push_back({fmt::format("{}algorithm", prefix), "AES256"});
  http.headers.push_back({fmt::format("{}key", prefix), config_.sse_c_key});
  http.headers.push_back({fmt::format("{}key-MD5", prefix), to_base64(digest)});
}

// The age of objects is measured by the server's clock: without it nothing could ever be journaled
// or collected.
void S3Client::check_dated(const HttpResponse& response) {
  if (dated_ || config_.keys == S3Config::Keys::any) return;
  if (!date_of(response)) {
    throw StoreUnsuitable(server() +
                          " does not date its answers (there is no Date field in them, or one that "
                          "is none), so that nobody could tell how old objects are; use another "
                          "server, or have what stands before it pass that field on");
  }
  dated_ = true;
}

HttpResponse S3Client::ask_by_listing(const Attempt& attempt) {
  S3Request question;
  question.query = {{"list-type", "2"}, {"max-keys", "1"}};
  if (!config_.prefix.empty()) question.query.emplace_back("prefix", config_.prefix + '/');
  return send_once(question, attempt);
}

void S3Client::count(const S3Request& request, Copy copy) {
  const bool removes = !request.query.empty() && request.query.front().first == "delete";
  std::lock_guard lock(mutex_);
  if (request.method == "HEAD") {
    ++traffic_.heads;
  } else if (request.method == "DELETE" || removes) {
    ++traffic_.removes;
  } else if (request.method == "GET") {
    ++(request.key.empty() ? traffic_.lists : traffic_.gets);
  } else {
    ++traffic_.puts;
  }
  if (request.share == S3Request::Share::piece) ++traffic_.pieces;
  if (request.share == S3Request::Share::part) ++traffic_.parts;
  if (copy == Copy::second) ++traffic_.hedges;
}

StoreTraffic S3Client::traffic() const {
  std::lock_guard lock(mutex_);
  return traffic_;
}

HttpResponse S3Client::send(const S3Request& request) {
  bool may_renew = !config_.anonymous;
  for (int attempts = 1;; ++attempts) {
    const Attempt attempt = begin_attempt();
    HttpResponse response = send_once(request, attempt);
    if (const auto server = response.header("server")) {
      std::lock_guard lock(mutex_);
      if (server_ != *server) server_ = *server;
    }
    if (request.method == "HEAD" && response.status == 400 && request.key.empty()) {
      // It may be mended as it is.
      if (attempts < attempts_max && mend(attempt, response, may_renew)) continue;
      response = ask_by_listing(attempt);
    }
    const bool success = response.status / 100 == 2;
    if (success) check_dated(response);
    if (success || attempts == attempts_max || !mend(attempt, response, may_renew)) return response;
  }
}

bool S3Client::mend(const Attempt& attempt, const HttpResponse& response, bool& may_renew) {
  const int status = response.status;
  if (status == 301 || status == 307 || status == 400) {
    if (learn_region(attempt, response)) return true;
  }
  if (config_.anonymous || (status != 400 && status != 403)) return false;
  const std::string code = s3_error_code(response);
  // An answer to HEAD has no body that could say why.
  const bool silent = response.body.empty();
  if ((skewed(code) || silent) && learn_time(attempt, response)) return true;
  const bool may_be_outdated = silent && !attempt.credentials.session_token.empty();
  if (!may_renew || (!outdated(code) && !may_be_outdated)) return false;
  may_renew = false;
  return credentials_->renew(attempt.credentials);
}

bool S3Client::learn_region(const Attempt& attempt, const HttpResponse& response) {
  std::string region(response.header("x-amz-bucket-region").value_or(""));
  if (region.empty()) {
    if (const auto error = parse_s3_error(response.body)) region = error->region;
  }
  if (!(config_.endpoint.empty() ? is_aws_region(region) : is_s3_region(region))) return false;
  if (region == attempt.region) return false;
  std::lock_guard lock(mutex_);
  region_ = std::move(region);
  return true;
}

bool S3Client::learn_time(const Attempt& attempt, const HttpResponse& response) {
  const std::optional<std::chrono::sys_seconds> date = date_of(response);
  if (!date) return false;
  const std::chrono::seconds difference = *date - attempt.time;
  if (difference < skew_min && difference > -skew_min) return false;
  const auto here = std::chrono::floor<std::chrono::seconds>(clock_->wall_now());
  clock_offset_s_ = (*date - here).count();
  return true;
}

void S3Client::fail(const S3Request& request, const HttpResponse& response) const {
  const std::optional<S3ErrorBody> error = parse_s3_error(response.body);
  fail(request, response, error ? error->code : "", error ? error->message : "");
}

void S3Client::fail(const S3Request& request, const HttpResponse& response, std::string_view code,
                    std::string_view message) const {
  S3Attempt attempt;
  attempt.what = fmt::format("{} s3://{}{}{}", request.method, config_.bucket,
                             request.key.empty() ? "" : "/", request.key);
  {
    std::lock_guard lock(mutex_);
    attempt.region = region_;
  }
  attempt.endpoint = s3_endpoint(config_, attempt.region);
  attempt.bucket = config_.bucket;
  attempt.anonymous = config_.anonymous;
  throw_s3_error(attempt, response, code, message);
}

PresignedUrl S3Client::presign(const std::string& key, std::chrono::seconds duration) {
  if (duration < std::chrono::seconds(1) || duration > presign_max) {
    throw InvalidArgument("a URL can be signed for 1 second to 7 days");
  }
  if (!config_.sse_c_key.empty()) {
    throw StoreUnsuitable(
        "URLs cannot be presigned for objects that are encrypted with a key of yours "
        "(FLASHFLOOD_S3_SSE_C_KEY): whoever reads them would need the key");
  }
  const Attempt attempt = begin_attempt();
  S3Request request;
  request.key = key;
  if (config_.requester_pays) request.query.emplace_back("x-amz-request-payer", "requester");
  const std::string plain = url(request, attempt.region);
  std::chrono::sys_seconds expires = attempt.time + duration;
  if (config_.anonymous) return {plain, expires};
  if (attempt.credentials.expires) expires = std::min(expires, *attempt.credentials.expires);
  return {presigned_url(plain, attempt.credentials, {attempt.region, "s3", attempt.time}, duration),
          expires};
}

std::string S3Client::server() const {
  std::lock_guard lock(mutex_);
  return fmt::format("{} at {}", server_.empty() ? "a server without a name" : quote(server_),
                     s3_endpoint(config_, region_));
}

}  // namespace flashflood

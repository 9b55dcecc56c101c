// Requests to one bucket: addressed, signed, sent, and mended where that can be done without the
// caller: another region, a clock that is wrong, a session token that has been replaced.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "store/aws/credentials.h"
#include "store/http/http_client.h"
#include "store/object_store.h"
#include "store/retrier.h"
#include "store/s3/hedge_policy.h"
#include "store/s3/s3_config.h"

namespace flashflood {

struct S3Request {
  std::string method = "GET";
  std::string key{};  // as the bucket knows it; empty: the bucket itself
  std::vector<std::pair<std::string, std::string>> query{};  // not encoded
  std::vector<HttpHeader> headers{};
  BytesView body{};
  std::span<char> body_into{};
  std::size_t response_bytes_max = std::size_t{1} << 20;
  bool hedge = false;
  // Of each attempt; nothing: enough for its bytes on a slow line.
  std::optional<std::chrono::seconds> time_max{};
  enum class Share { whole, piece, part };  // of a large read, of an upload
  Share share = Share::whole;
};

class S3Client {
 public:
  // `credentials`: null when `config.anonymous`.
  S3Client(S3Config config, std::shared_ptr<HttpClient> http,
           std::shared_ptr<CredentialSource> credentials, const Environment& environment,
           std::shared_ptr<Retrier> retrier);

  const S3Config& config() const noexcept { return config_; }
  Executor& io() const noexcept { return *io_; }
  // For requests that are a share of a call: the others need not be made again.
  Retrier& retrier() const noexcept { return *retrier_; }

  // The answer, whatever it is. Throws RequestFailed when there is none; PermissionDenied when
  // there are no credentials.
  HttpResponse send(const S3Request& request);

  // Throws what `response`, which is no success, means; `code` and `message` when the error came
  // inside of an answer.
  [[noreturn]] void fail(const S3Request& request, const HttpResponse& response) const;
  [[noreturn]] void fail(const S3Request& request, const HttpResponse& response,
                         std::string_view code, std::string_view message) const;

  // Requests sent so far, repetitions counted.
  StoreTraffic traffic() const;

  PresignedUrl presign(const std::string& key, std::chrono::seconds duration);

  // What the server calls itself, as of its last answer, and where it is; for messages.
  std::string server() const;

 private:
  struct Attempt {
    Credentials credentials;
    std::string region;
    std::chrono::sys_seconds time;
  };

  Attempt begin_attempt() const;
  std::string url(const S3Request& request, const std::string& region) const;
  HttpResponse send_once(const S3Request& request, const Attempt& attempt);
  // The answer to a short listing, for a HEAD of the bucket that was answered 400: it is as good,
  // or has a body that says why.
  HttpResponse ask_by_listing(const Attempt& attempt);
  void add_customer_key(HttpRequest& http) const;
  void check_dated(const HttpResponse& response);
  // Whether another attempt is worth while: something was learnt from the answer. `may_renew`: the
  // credentials may be asked for anew; cleared when that was done.
  bool mend(const Attempt& attempt, const HttpResponse& response, bool& may_renew);
  enum class Copy { first, second };
  void count(const S3Request& request, Copy copy);
  bool learn_region(const Attempt& attempt, const HttpResponse& response);
  bool learn_time(const Attempt& attempt, const HttpResponse& response);

  const S3Config config_;
  const std::shared_ptr<HttpClient> http_;
  const std::shared_ptr<CredentialSource> credentials_;
  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Executor> io_;
  const Log log_;
  const std::shared_ptr<Retrier> retrier_;
  HedgePolicy hedging_;
  std::atomic<std::int64_t> clock_offset_s_{0};  // of the server's clock from this machine's
  std::atomic<bool> dated_{false};               // the server has dated an answer
  mutable std::mutex mutex_;
  std::string region_;      // guarded by mutex_
  std::string server_;      // guarded by mutex_
  StoreTraffic traffic_{};  // guarded by mutex_
};

}  // namespace flashflood

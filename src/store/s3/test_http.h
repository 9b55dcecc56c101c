// An HttpClient that answers from a script and remembers what it was asked.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "store/aws/credentials.h"
#include "store/http/http_client.h"
#include "store/request_failed.h"
#include "store/s3/s3_store.h"

namespace flashflood {

class ScriptedHttp final : public HttpClient {
 public:
  struct Seen {
    std::string method;
    std::string url;
    std::vector<HttpHeader> headers;
    Bytes body;
    // The value of a header, or "(none)".
    std::string header(std::string_view name) const {
      for (const HttpHeader& header : headers) {
        if (header.name == name) return header.value;
      }
      return "(none)";
    }
  };

  // What answers the next request that has no answer yet.
  void answer(int status, Bytes body = {}, std::vector<HttpHeader> headers = {}) {
    answers_.push_back([=](const HttpRequest&) { return HttpResponse{status, headers, body, 0}; });
  }
  void lose_answer() {
    answers_.push_back([](const HttpRequest&) -> HttpResponse {
      throw RequestFailed("the connection broke", RequestFailed::Effect::unknown);
    });
  }
  // What answers when the script is at its end.
  std::function<HttpResponse(const HttpRequest&)> otherwise;

  HttpResponse send(const HttpRequest& request) override {
    std::unique_lock lock(mutex_);
    seen.push_back({request.method, request.url, request.headers, Bytes(request.body)});
    std::function<HttpResponse(const HttpRequest&)> next = otherwise;
    if (!answers_.empty()) {
      next = std::move(answers_.front());
      answers_.pop_front();
    }
    lock.unlock();
    if (!next) throw RequestFailed("the script is at its end", RequestFailed::Effect::none);
    HttpResponse response = next(request);
    if (!response.header("date"))  // as servers do
      response.headers.push_back({"date", "Tue, 24 Nov 2026 12:00:00 GMT"});
    if (!request.body_into.empty() && response.status / 100 == 2) {
      if (response.body.size() > request.body_into.size()) {
        throw RequestFailed("longer than expected", RequestFailed::Effect::unknown);
      }
      std::copy(response.body.begin(), response.body.end(), request.body_into.begin());
      response.bytes_into = response.body.size();
      response.body.clear();
    }
    return response;
  }

  std::vector<Seen> seen;

 private:
  std::mutex mutex_;
  std::deque<std::function<HttpResponse(const HttpRequest&)>> answers_;
};

class ScriptedCredentials final : public CredentialSource {
 public:
  std::optional<Credentials> get() override { return now; }
  bool renew(const Credentials& refused) override {
    ++renewals;
    if (next) now = std::exchange(next, std::nullopt);
    return now != refused;
  }
  std::optional<Credentials> now = Credentials{"AKID", "very-secret-key", "", {}};
  std::optional<Credentials> next{};  // what asking anew gives
  int renewals = 0;
};

// A wall clock that stands at a date.
class StandingClock final : public Clock {
 public:
  Timestamp wall_now() override { return now; }
  std::chrono::nanoseconds steady_now() override { return {}; }
  void sleep_for(std::chrono::nanoseconds /*duration*/) override {}
  Timestamp now = parse_timestamp("2026-11-24T12:00:00Z");
};

// A store of the bucket "bucket", prefix "p", over a script.
struct ScriptedS3 {
  std::shared_ptr<ScriptedHttp> http = std::make_shared<ScriptedHttp>();
  std::shared_ptr<ScriptedCredentials> credentials = std::make_shared<ScriptedCredentials>();
  std::shared_ptr<StandingClock> clock = std::make_shared<StandingClock>();
  S3Config config = [] {
    S3Config made;
    made.bucket = "bucket";
    made.prefix = "p";
    made.endpoint = "http://server:9000";
    return made;
  }();

  RetryOptions retries{.tries_max = 1};  // of pieces and parts

  Environment environment() const {
    const auto executor = make_inline_executor();
    return {clock, make_system_random(), executor, executor};
  }
  std::shared_ptr<ObjectStore> store() const {
    return make_s3_store(config, http, credentials, environment(),
                         std::make_shared<Retrier>(environment(), retries));
  }
};

inline Bytes s3_error_body(const std::string& code, const std::string& more = "") {
  return R"(<?xml version="1.0"?><Error><Code>)" + code + "</Code>" + more + "</Error>";
}

}  // namespace flashflood

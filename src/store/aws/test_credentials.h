// What the tests of credentials share: a home folder, variables, a clock that is set by hand, and a
// client whose answers the test gives.
//
// Every secret in these tests contains the word SECRET, and failure() checks that no message does.
//
// Threads: ManualClock and FakeHttp lock for themselves; the rest belongs to one thread.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "flashflood/error.h"
#include "store/aws/credentials_chain.h"
#include "store/folder/test_folder.h"

namespace flashflood {

// Moves only when it is told to. Wall and steady clock can be set apart.
class ManualClock final : public Clock {
 public:
  Timestamp wall_now() override {
    std::lock_guard lock(mutex_);
    return wall_;
  }
  std::chrono::nanoseconds steady_now() override {
    std::lock_guard lock(mutex_);
    return steady_;
  }
  void sleep_for(std::chrono::nanoseconds duration) override { advance(duration); }
  void advance(std::chrono::nanoseconds duration) {
    std::lock_guard lock(mutex_);
    steady_ += duration;
    wall_ += std::chrono::duration_cast<std::chrono::microseconds>(duration);
  }
  void set_wall(Timestamp wall) {
    std::lock_guard lock(mutex_);
    wall_ = wall;
  }

 private:
  std::mutex mutex_;
  Timestamp wall_ = parse_timestamp("2026-01-01T00:00:00Z");  // guarded by mutex_, as is the next
  std::chrono::nanoseconds steady_ = std::chrono::hours(1);
};

// Answers by the first rule whose text begins "METHOD URL"; no answer where none fits.
class FakeHttp final : public HttpClient {
 public:
  struct Request {
    std::string line{};  // "METHOD URL"
    std::map<std::string, std::string> headers{};
    std::string body{};
    bool use_proxy = true;
  };
  using Answer = std::function<HttpResponse(const Request&)>;

  HttpResponse send(const HttpRequest& request) override {
    Request seen{
        request.method + ' ' + request.url, {}, std::string(request.body), request.use_proxy};
    for (const HttpHeader& header : request.headers) seen.headers[header.name] = header.value;
    Answer answer;
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(seen);
      for (const auto& [line, rule] : rules_) {
        if (seen.line.starts_with(line)) answer = rule;
      }
    }
    if (!answer) throw StoreUnavailable("no route to the host of the test");
    return answer(seen);
  }

  // The rule that was added last goes first.
  void on(const std::string& line, Answer answer) {
    std::lock_guard lock(mutex_);
    rules_.emplace_back(line, std::move(answer));
  }
  void on(const std::string& line, int status, const std::string& body) {
    on(line,
       [status, body](const Request&) { return HttpResponse{.status = status, .body = body}; });
  }
  std::vector<Request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Request& request : requests()) lines.push_back(request.line);
    return lines;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, Answer>> rules_;  // guarded by mutex_, as is the next
  std::vector<Request> requests_;
};

class Surroundings {
 public:
  Surroundings() { variables["HOME"] = home.path().string(); }

  void config(const std::string& text) const { home.write(".aws/config", text); }
  void credentials(const std::string& text) const { home.write(".aws/credentials", text); }

  AwsConfig load(std::optional<std::string> profile = {}) {
    return AwsConfig::load(
        [this](std::string_view name) -> std::optional<std::string> {
          const auto found = variables.find(std::string(name));
          if (found == variables.end() || found->second.empty()) return std::nullopt;
          return found->second;
        },
        std::move(profile));
  }

  CredentialTools tools() const {
    const auto executor = make_inline_executor();
    return {http, {clock, make_system_random(), executor, executor}, run};
  }

  std::shared_ptr<CredentialSource> source(std::optional<std::string> profile = {}) {
    return make_credentials(load(std::move(profile)), tools());
  }

  Credentials get(std::optional<std::string> profile = {}) {
    return source(std::move(profile))->get().value();
  }

  TestFolder home;
  std::map<std::string, std::string> variables;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  ProgramRunner run;
};

// The message of the E that `call` throws.
template <typename E, typename Call>
std::string failure(Call call) {
  try {
    call();
  } catch (const E& error) {
    const std::string message = error.what();
    constexpr std::string_view variable = "AWS_SECRET_ACCESS_KEY";
    std::string rest = message;
    for (auto at = rest.find(variable); at != rest.npos; at = rest.find(variable)) {
      rest.erase(at, variable.size());
    }
    EXPECT_THAT(rest, testing::Not(testing::HasSubstr("SECRET")));
    return message;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return {};
  }
  ADD_FAILURE() << "no error";
  return {};
}

}  // namespace flashflood

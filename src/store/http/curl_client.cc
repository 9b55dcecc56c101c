// HttpClient on libcurl. A session is a pool of connections with the transfers on it; each call of
// send() takes one, most recently used first, so that connections stay warm. A hedged request runs
// two transfers of one session; the slower one is dropped with its connection.
#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/stop.h"
#include "flashflood/error.h"
#include "store/http/curl_transfer.h"

namespace flashflood {
namespace {

void initialise_once() {
  // curl_global_cleanup is never called: other libraries in the process may use libcurl as well.
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw Error(std::string("libcurl: ") + curl_easy_strerror(code));
}

class Session {
 public:
  Session() : multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 4L);
  }

  HttpResponse send(const HttpRequest& request, const HttpClientOptions& options) {
    const Running running(*this);
    const std::stop_callback wake(current_stop(), [this] { curl_multi_wakeup(multi_.get()); });
    start(0, request, options);
    if (request.hedge_after.count() > 0) {
      if (const auto code = wait(request.hedge_after)) return transfers_[0].finish(*code);
      if (!transfers_[0].answering()) return send_twice(request, options);
    }
    return transfers_[0].finish(*wait(std::nullopt));
  }

 private:
  // Takes the transfers out of the pool of connections when the call ends, however it does.
  class Running {
   public:
    explicit Running(Session& session) : session_(session) {}
    ~Running() {
      for (std::size_t i = 0; i < session_.transfers_.size(); ++i) session_.stop(i);
    }

   private:
    Session& session_;
  };

  void start(std::size_t which, const HttpRequest& request, const HttpClientOptions& options) {
    transfers_[which].begin(request, options);
    if (which > 0) {  // not behind the first one, on whatever holds that up
      curl_easy_setopt(transfers_[which].handle(), CURLOPT_FRESH_CONNECT, 1L);
    }
    check(curl_multi_add_handle(multi_.get(), transfers_[which].handle()));
    running_[which] = true;
  }

  void stop(std::size_t which) {
    if (!running_[which]) return;
    curl_multi_remove_handle(multi_.get(), transfers_[which].handle());
    running_[which] = false;
  }

  HttpResponse send_twice(const HttpRequest& request, const HttpClientOptions& options) {
    start(1, request, options);
    if (request.on_hedge) request.on_hedge();
    // Whichever ends first, unless it fails and the other may not.
    std::optional<CURLcode> code = wait(std::nullopt);
    if (*code != CURLE_OK) {
      const std::size_t failed = ended_;
      stop(failed);
      code = wait(std::nullopt);
    }
    return transfers_[ended_].finish(*code);
  }

  // How the next transfer ended (`ended_` says which one), or nothing after `duration`.
  std::optional<CURLcode> wait(std::optional<std::chrono::milliseconds> duration) {
    // Counted in what each poll may have taken: the library reads no clock of its own.
    std::chrono::milliseconds left = duration.value_or(std::chrono::milliseconds(0));
    while (true) {
      throw_if_stopped();
      int running = 0;
      check(curl_multi_perform(multi_.get(), &running));
      int queued = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
        if (message->msg != CURLMSG_DONE) continue;
        ended_ = message->easy_handle == transfers_[0].handle() ? 0 : 1;
        return message->data.result;
      }
      if (duration && (left.count() <= 0 || transfers_[0].answering())) return std::nullopt;
      const std::chrono::milliseconds step =
          duration ? std::min(left, std::chrono::milliseconds(5)) : std::chrono::milliseconds(1000);
      int ready = 0;
      check(curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(step.count()), &ready));
      if (ready == 0) left -= step;
    }
  }

  static void check(CURLMcode code) {
    if (code == CURLM_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLM_OK) throw Error(std::string("libcurl: ") + curl_multi_strerror(code));
  }

  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::array<CurlTransfer, 2> transfers_;
  std::array<bool, 2> running_{};
  std::size_t ended_ = 0;
};

// OpenSSL knows these variables, but libcurl gives it a file of its own before it looks at them.
HttpClientOptions completed(HttpClientOptions options) {
  const auto set_from = [](std::string& value, const char* name) {
    const char* const given = std::getenv(name);
    if (value.empty() && given != nullptr) value = given;
  };
  set_from(options.ca_bundle, "SSL_CERT_FILE");
  set_from(options.ca_directory, "SSL_CERT_DIR");
  return options;
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(const HttpClientOptions& options) : options_(completed(options)) {
    initialise_once();
  }

  HttpResponse send(const HttpRequest& request) override {
    std::unique_ptr<Session> session = take();
    HttpResponse response = session->send(request, options_);
    give_back(std::move(session));  // not after an error: who knows what state it is in
    return response;
  }

 private:
  std::unique_ptr<Session> take() {
    {
      std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Session> session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
    }
    return std::make_unique<Session>();
  }

  void give_back(std::unique_ptr<Session> session) {
    std::lock_guard lock(mutex_);
    if (idle_.size() < options_.idle_connections_max) idle_.push_back(std::move(session));
  }

  const HttpClientOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;  // guarded by mutex_
};

}  // namespace

std::shared_ptr<HttpClient> make_http_client(const HttpClientOptions& options) {
  return std::make_shared<CurlClient>(options);
}

}  // namespace flashflood

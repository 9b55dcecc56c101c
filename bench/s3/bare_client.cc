#include "bench/s3/bare_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>

#include "store/aws/digest.h"
#include "store/aws/sigv4.h"

namespace flashflood::bench {

namespace {

constexpr std::size_t answer_bytes_max = std::size_t{64} << 10;

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(fmt::format("{} is not set", name));
  return value;
}

// A handle of libcurl, and where the bodies of its answers go.
class Connection {
 public:
  explicit Connection(std::size_t body_bytes_max)
      : handle_(curl_easy_init()), body_(std::max(body_bytes_max, answer_bytes_max), '\0') {
    curl_easy_setopt(handle_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, &Connection::take);
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle_.get(), CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(handle_.get(), CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  }

  void send(const HttpRequest& request) {
    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    if (!request.body.empty()) list = curl_slist_append(list, "Content-Type:");
    for (const HttpHeader& header : request.headers) {
      list = curl_slist_append(list, (header.name + ": " + header.value).c_str());
    }
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list,
                                                                              curl_slist_free_all);
    curl_easy_setopt(handle_.get(), CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, list);
    if (request.method == "PUT") {
      curl_easy_setopt(handle_.get(), CURLOPT_CUSTOMREQUEST, "PUT");
      curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDS, request.body.data());
    }
    size_ = 0;
    const CURLcode code = curl_easy_perform(handle_.get());
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status / 100 != 2) {
      throw std::runtime_error(fmt::format("{} {}: {}, status {}: {}", request.method, request.url,
                                           curl_easy_strerror(code), status, body()));
    }
  }

  std::string_view body() const { return {body_.data(), size_}; }

 private:
  static std::size_t take(char* bytes, std::size_t /*size*/, std::size_t count, void* self) {
    Connection& connection = *static_cast<Connection*>(self);
    if (connection.size_ + count > connection.body_.size()) return 0;
    std::memcpy(connection.body_.data() + connection.size_, bytes, count);
    connection.size_ += count;
    return count;
  }

  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<CURL, Free> handle_;
  std::string body_;
  std::size_t size_ = 0;
};

// Calls work(connection, i) for each i below `count`, on `at_once` threads with a connection each.
void on_threads(std::size_t count, std::size_t at_once, std::size_t body_bytes_max,
                const std::function<void(Connection&, std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> errors(at_once);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < at_once; ++thread) {
    threads.emplace_back([&, thread] {
      try {
        Connection connection(body_bytes_max);
        for (std::size_t i; (i = next++) < count;) work(connection, i);
      } catch (...) {
        errors[thread] = std::current_exception();
        next = count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace

std::uint64_t checksum_of(std::span<const BareObject> objects) {
  std::uint64_t sum = 0;
  for (const BareObject& object : objects) sum += crc32c(object.bytes);
  return sum;
}

BareClient::BareClient(const std::string& name)
    : bucket_url_(setting("AWS_ENDPOINT_URL") + '/' + name + '/'),
      region_(setting("AWS_REGION")),
      credentials_{setting("AWS_ACCESS_KEY_ID"), setting("AWS_SECRET_ACCESS_KEY"), {}} {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

Run BareClient::put(std::span<const BareObject> objects, std::size_t at_once,
                    bool if_absent) const {
  return timed([&] {
    on_threads(objects.size(), at_once, 0, [&](Connection& connection, std::size_t i) {
      HttpRequest request;
      request.method = "PUT";
      request.url = bucket_url_ + objects[i].key;
      request.body = objects[i].bytes;
      if (if_absent) request.headers.push_back({"If-None-Match", "*"});
      sign(request);
      connection.send(request);
    });
  });
}

Run BareClient::get(std::span<const BareRange> ranges, std::size_t at_once, const Use& use) const {
  std::uint64_t longest = 0;
  for (const BareRange& range : ranges) longest = std::max(longest, range.length);
  return timed([&] {
    on_threads(ranges.size(), at_once, longest, [&](Connection& connection, std::size_t i) {
      const BareRange& range = ranges[i];
      HttpRequest request;
      request.url = bucket_url_ + range.key;
      request.headers.push_back(
          {"Range", fmt::format("bytes={}-{}", range.offset, range.offset + range.length - 1)});
      sign(request);
      connection.send(request);
      if (connection.body().size() != range.length)
        throw std::runtime_error(range.key + ": cut short");
      if (use) use(range, connection.body());
    });
  });
}

void BareClient::sign(HttpRequest& request) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  sign_request(request, credentials_, {region_, "s3", now});
}

}  // namespace flashflood::bench

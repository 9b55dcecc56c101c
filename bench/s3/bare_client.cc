#include "bench/s3/bare_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "store/s3/digest.h"
#include "store/s3/sigv4.h"

namespace flashflood::bench {

namespace {

using Clock = std::chrono::steady_clock;

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(fmt::format("{} is not set", name));
  return value;
}

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// A request that is ready to be sent.
struct Prepared {
  std::string url;
  HeaderList headers;
  std::string_view body;
};

Prepared prepare(HttpRequest request) {
  const Credentials credentials{setting("AWS_ACCESS_KEY_ID"), setting("AWS_SECRET_ACCESS_KEY"), {}};
  const std::string region = setting("AWS_REGION");
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  sign_request(request, credentials, {region, "s3", now});
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  if (!request.body.empty()) list = curl_slist_append(list, "Content-Type:");
  for (const HttpHeader& header : request.headers) {
    list = curl_slist_append(list, (header.name + ": " + header.value).c_str());
  }
  return {std::move(request.url), HeaderList(list), request.body};
}

// Where the body of an answer goes.
struct Sink {
  std::string buffer;
  std::size_t size = 0;

  static std::size_t take(char* bytes, std::size_t, std::size_t count, void* self) {
    Sink& sink = *static_cast<Sink*>(self);
    if (sink.size + count > sink.buffer.size()) return 0;
    std::memcpy(sink.buffer.data() + sink.size, bytes, count);
    sink.size += count;
    return count;
  }
};

void send(CURL* handle, const Prepared& request, Sink& sink) {
  sink.size = 0;
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, request.headers.get());
  if (!request.body.empty()) {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
  }
  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status / 100 != 2) {
    throw std::runtime_error(fmt::format("{}: {}, status {}: {}", request.url,
                                         curl_easy_strerror(code), status,
                                         sink.buffer.substr(0, sink.size)));
  }
}

// Calls work(thread, handle, i) for each i below `count` on `at_once` threads; the seconds.
double on_threads(std::size_t count, std::size_t at_once,
                  const std::function<void(std::size_t, CURL*, std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> errors(at_once);
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (std::size_t thread = 0; thread < at_once; ++thread) {
    threads.emplace_back([&, thread] {
      try {
        const Easy handle(curl_easy_init());
        curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &Sink::take);
        curl_easy_setopt(handle.get(), CURLOPT_BUFFERSIZE, 256L << 10);
        curl_easy_setopt(handle.get(), CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
        for (std::size_t i; (i = next++) < count;) work(thread, handle.get(), i);
      } catch (...) {
        errors[thread] = std::current_exception();
        next = count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - begin;
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  return elapsed.count();
}

}  // namespace

std::uint64_t checksum_of(std::span<const BareObject> objects) {
  std::uint64_t sum = 0;
  for (const BareObject& object : objects) sum += crc32c(object.bytes);
  return sum;
}

BareClient::BareClient(std::string name)
    : bucket_url_(setting("AWS_ENDPOINT_URL") + '/' + std::move(name) + '/') {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

BareRun BareClient::put(std::span<const BareObject> objects, std::size_t at_once) const {
  BareRun run;
  std::vector<Prepared> requests;
  for (const BareObject& object : objects) {
    HttpRequest request;
    request.method = "PUT";
    request.url = bucket_url_ + object.key;
    request.body = object.bytes;
    requests.push_back(prepare(std::move(request)));
    run.bytes += object.bytes.size();
  }
  constexpr std::size_t answer_bytes_max = std::size_t{64} << 10;
  std::vector<Sink> sinks(at_once, Sink{std::string(answer_bytes_max, '\0')});
  run.seconds =
      on_threads(requests.size(), at_once, [&](std::size_t thread, CURL* handle, std::size_t i) {
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &sinks[thread]);
        send(handle, requests[i], sinks[thread]);
      });
  return run;
}

BareRun BareClient::get(std::span<const BareRange> ranges, std::size_t at_once,
                        bool with_checksum) const {
  std::vector<Prepared> requests;
  std::uint64_t longest = 0;
  for (const BareRange& range : ranges) {
    HttpRequest request;
    request.url = bucket_url_ + range.key;
    request.headers.push_back(
        {"Range", fmt::format("bytes={}-{}", range.offset, range.offset + range.length - 1)});
    requests.push_back(prepare(std::move(request)));
    longest = std::max(longest, range.length);
  }
  std::vector<Sink> sinks(at_once, Sink{std::string(longest, '\0')});
  std::vector<BareRun> parts(at_once);
  const auto work = [&](std::size_t thread, CURL* handle, std::size_t i) {
    Sink& sink = sinks[thread];
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &sink);
    send(handle, requests[i], sink);
    if (sink.size != ranges[i].length) throw std::runtime_error(requests[i].url + ": cut short");
    parts[thread].bytes += sink.size;
    if (with_checksum) {
      parts[thread].checksum += crc32c({sink.buffer.data(), sink.size});
    }
  };
  BareRun run;
  run.seconds = on_threads(requests.size(), at_once, work);
  for (const BareRun& part : parts) {
    run.bytes += part.bytes;
    run.checksum += part.checksum;
  }
  return run;
}

}  // namespace flashflood::bench

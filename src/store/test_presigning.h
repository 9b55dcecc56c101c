// For tests: a store in memory whose objects can be presigned, and the server behind these URLs.
//
// Threads: as ObjectStore and HttpClient.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "store/forwarding_store.h"
#include "store/http/http_client.h"

namespace flashflood::testing {

inline constexpr std::string_view presigned_origin = "http://bucket.test:9000/flood/";

// Passes everything to `inner`, and signs.
class PresigningStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::optional<PresignedUrl> presign(std::string_view key,
                                      std::chrono::seconds duration) override {
    const StoreTimestamp expires = inner().now().date + duration;
    return PresignedUrl{std::string(presigned_origin) + std::string(key) +
                            "?signature=" + std::to_string(expires.time_since_epoch().count()),
                        expires};
  }
};

// Answers GET for the URLs of a PresigningStore until they expire, as S3 does.
class PresignedServer final : public HttpClient {
 public:
  explicit PresignedServer(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}
  HttpResponse send(const HttpRequest& request) override {
    ++requests;
    HttpResponse response;
    const std::size_t question = request.url.find("?signature=");
    if (!request.url.starts_with(presigned_origin) || question == std::string::npos) {
      response.status = 400;
      return response;
    }
    const long long expires = std::stoll(request.url.substr(question + 11));
    if (inner_->now().date.time_since_epoch().count() > expires) {
      response.status = 403;
      response.body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message>";
      return response;
    }
    const std::string key =
        request.url.substr(presigned_origin.size(), question - presigned_origin.size());
    auto object = inner_->get(key, ByteRange::whole());
    response.status = object ? 200 : 404;
    if (!object) return response;
    for (const HttpHeader& header : request.headers) {
      if (header.name != "Range") continue;
      unsigned long long first = 0, last = 0;
      if (std::sscanf(header.value.c_str(), "bytes=%llu-%llu", &first, &last) != 2) break;
      response.status = 206;
      response.headers.push_back({"content-range", "bytes " + std::to_string(first) + "-" +
                                                       std::to_string(last) + "/" +
                                                       std::to_string(object->bytes.size())});
      object->bytes = object->bytes.substr(first, last - first + 1);
    }
    response.body = std::move(object->bytes);
    return response;
  }

  std::atomic<int> requests = 0;

 private:
  const std::shared_ptr<ObjectStore> inner_;
};

}  // namespace flashflood::testing

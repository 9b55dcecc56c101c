#include "store/http/presigned_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

constexpr std::size_t error_bytes_max = std::size_t{64} << 10;
constexpr std::string_view remedy =
    "; have the splits refreshed where they were made (flashflood splits --refresh), or make new "
    "ones";

class PresignedStore final : public ObjectStore {
 public:
  PresignedStore(std::shared_ptr<HttpClient> client, std::shared_ptr<Clock> clock,
                 std::vector<PresignedObject> objects, Timestamp expires)
      : client_(std::move(client)), clock_(std::move(clock)), expires_(expires) {
    for (PresignedObject& object : objects) {
      std::string key = object.key;
      objects_.emplace(std::move(key), std::move(object));
    }
  }

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    auto found = objects_.find(key);
    if (found == objects_.end())
      throw PermissionDenied(fmt::format("{}: the split has no URL for it", key));
    const PresignedObject& object = found->second;
    const ByteSpan span = resolve_range(range, object.bytes);
    if (span.length == 0) return ObjectPart{{}, object.bytes};
    const bool whole = span.length == object.bytes;
    HttpRequest request;
    request.url = object.url;
    if (!whole)
      request.headers.push_back(
          {"Range", fmt::format("bytes={}-{}", span.offset, span.offset + span.length - 1)});
    request.response_bytes_max = std::max<std::size_t>(span.length, error_bytes_max);
    HttpResponse response = client_->send(request);
    if (response.status != 200 && response.status != 206) refuse(key, response);
    const bool partial = response.status == 206;
    if (partial && !is_range(response, span, object.bytes))
      throw CorruptData(
          fmt::format("{}: the server sends another range, or the object has another "
                      "size, than the split says",
                      key));
    if (partial == whole || response.body.size() != span.length)
      throw CorruptData(fmt::format("{}: {} bytes were asked for, and the server sends {}", key,
                                    span.length, response.body.size()));
    return ObjectPart{std::move(response.body), object.bytes};
  }

  void put(std::string_view, BytesView) override { refuse_to("write"); }
  PutOutcome put_if_absent(std::string_view, BytesView) override { refuse_to("write"); }
  ListPage list(std::string_view, std::string_view, std::size_t) override { refuse_to("list"); }
  void remove(std::span<const std::string>) override { refuse_to("remove"); }
  StoreTime now() override { refuse_to("ask for the time"); }
  std::string describe() const override { return "presigned URLs"; }

 private:
  static bool is_range(const HttpResponse& response, const ByteSpan& span, std::uint64_t bytes) {
    auto range = response.header("content-range");
    return range && *range == fmt::format("bytes {}-{}/{}", span.offset,
                                          span.offset + span.length - 1, bytes);
  }

  // The body may say why, but comes from a host that the document named: it is not shown.
  [[noreturn]] void refuse(std::string_view key, const HttpResponse& response) const {
    switch (response.status) {
      case 401:
      case 403:
        if (response.body.find("expired") != std::string::npos || clock_->wall_now() > expires_)
          throw SnapshotExpired(fmt::format("{}: its presigned URL has expired{}", key, remedy));
        throw PermissionDenied(fmt::format(
            "{}: the server refuses its presigned URL (status {}): whoever made the split may not "
            "read the object, or the URL was changed on its way{}",
            key, response.status, remedy));
      case 404:
      case 410:
        throw SnapshotExpired(fmt::format(
            "{}: the object is gone: the split's lease has ended, and the object was replaced "
            "and collected{}",
            key, remedy));
      default:
        break;
    }
    const std::string what =
        fmt::format("{}: the server answers with status {}", key, response.status);
    if (response.status >= 500 || response.status == 408 || response.status == 429)
      throw StoreUnavailable(what);
    throw PermissionDenied(what + ", which is no answer to a presigned URL");
  }

  [[noreturn]] static void refuse_to(std::string_view what) {
    throw PermissionDenied(fmt::format("with presigned URLs one cannot {}", what));
  }

  const std::shared_ptr<HttpClient> client_;
  const std::shared_ptr<Clock> clock_;
  const Timestamp expires_;
  std::map<std::string, PresignedObject, std::less<>> objects_;
};

}  // namespace

std::shared_ptr<ObjectStore> make_presigned_store(std::shared_ptr<HttpClient> client,
                                                  std::shared_ptr<Clock> clock,
                                                  std::vector<PresignedObject> objects,
                                                  Timestamp expires) {
  return std::make_shared<PresignedStore>(std::move(client), std::move(clock), std::move(objects),
                                          expires);
}

}  // namespace flashflood

#include "store/s3/s3_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/digest.h"
#include "store/http/http_date.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_error.h"
#include "store/s3/s3_reader.h"
#include "store/s3/s3_writer.h"
#include "store/s3/s3_xml.h"

namespace flashflood {
namespace {

constexpr std::size_t page_max = 1000;  // what S3 lists or removes at once
constexpr std::size_t listing_bytes_max = std::size_t{16} << 20;
constexpr std::size_t removals_at_once = 8;

// The first key of a listing that is not below the prefix, or not behind the one before it.
std::optional<std::size_t> find_disorder(const S3Listing& listing, const std::string& prefix,
                                         const std::string& after) {
  const std::string* previous = &after;
  for (std::size_t i = 0; i < listing.objects.size(); ++i) {
    const std::string& key = listing.objects[i].key;
    if (!key.starts_with(prefix) || key <= *previous) return i;
    previous = &key;
  }
  return std::nullopt;
}

class S3Store final : public ObjectStore {
 public:
  S3Store(const S3Config& config, std::shared_ptr<HttpClient> http,
          std::shared_ptr<CredentialSource> credentials, const Environment& environment,
          std::shared_ptr<Retrier> retrier)
      : client_(config, std::move(http), std::move(credentials), environment, std::move(retrier)),
        any_keys_(config.keys == S3Config::Keys::any),
        prefix_(config.prefix.empty() && !any_keys_ ? "" : config.prefix + '/') {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    return reader_.get(full(key), range);
  }
  void put(std::string_view key, BytesView bytes) override {
    refuse_if_foreign();
    writer_.put(full(key), bytes);
  }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    refuse_if_foreign();
    return writer_.put_if_absent(full(key), bytes);
  }

  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override;
  void remove(std::span<const std::string> keys) override;
  StoreTime now() override;

  std::size_t sweep(std::chrono::seconds age) override {
    refuse_if_foreign();
    return writer_.abort_uploads(prefix_, now().date - age);
  }
  StoreTraits traits() const override { return {.needs_probe = true}; }
  std::optional<StoreTraffic> traffic() const override { return client_.traffic(); }
  std::optional<PresignedUrl> presign(std::string_view key,
                                      std::chrono::seconds duration) override {
    return client_.presign(full(key), duration);
  }
  std::string server() const override { return client_.server(); }
  std::string describe() const override {
    const S3Config& config = client_.config();
    return "s3://" + config.bucket + (config.prefix.empty() ? "" : '/' + config.prefix);
  }

 private:
  std::string full(std::string_view key) const {
    if (!any_keys_) check_key(key);
    return prefix_ + std::string(key);
  }
  void refuse_if_foreign() const {
    if (any_keys_) throw PermissionDenied(describe() + " is only read");
  }
  S3Listing list_once(const std::string& prefix, const std::string& after, std::size_t limit);
  void refuse_disorder(const S3Listing& listing, const std::string& prefix,
                       const std::string& after) const;
  void remove_one(const std::string& key);
  // False when the server does not know how to remove several at once.
  bool remove_many(std::span<const std::string> keys);

  S3Client client_;
  S3Reader reader_{client_};
  S3Writer writer_{client_, reader_};
  const bool any_keys_;
  const std::string prefix_;  // empty, or ends in '/'
  std::atomic<bool> removes_many_{true};
};

ListPage S3Store::list(std::string_view prefix, std::string_view start_after, std::size_t limit) {
  if (!any_keys_) check_prefix(prefix);
  ListPage page;
  if (start_after > prefix && !start_after.starts_with(prefix)) return page;  // behind all of them
  const std::string full_prefix = prefix_ + std::string(prefix);
  std::string after = start_after < prefix || start_after.empty()
                          ? std::string()
                          : prefix_ + std::string(start_after);
  const std::size_t count = limit == 0 ? page_max : std::min(limit, page_max);
  do {
    S3Listing listing = list_once(full_prefix, after, count);
    // Keys may be damaged on their way, and a second answer is not damaged in the same place.
    if (find_disorder(listing, full_prefix, after)) {
      listing = list_once(full_prefix, after, count);
      refuse_disorder(listing, full_prefix, after);
    }
    if (listing.truncated && listing.objects.empty())
      throw StoreUnsuitable(client_.server() + " gives empty pages of listings that go on");
    page.more = listing.truncated;
    if (!listing.objects.empty()) after = listing.objects.back().key;
    for (ObjectInfo& object : listing.objects) {
      // "folder/" is a mark that consoles and gateways leave; it is no object of ours.
      if (object.key.ends_with('/')) continue;
      object.key.erase(0, prefix_.size());
      // S3's ETag tells contents apart; with the date it tells objects apart.
      object.etag += fmt::format("@{}", object.modified.time_since_epoch().count());
      page.objects.push_back(std::move(object));
    }
  } while (page.more && page.objects.empty());
  return page;
}

S3Listing S3Store::list_once(const std::string& prefix, const std::string& after,
                             std::size_t limit) {
  S3Request request;
  request.query = {{"list-type", "2"},
                   {"encoding-type", "url"},
                   {"max-keys", std::to_string(limit)},
                   {"prefix", prefix}};
  if (!after.empty()) request.query.emplace_back("start-after", after);
  request.response_bytes_max = listing_bytes_max;
  request.hedge = true;
  const HttpResponse response = client_.send(request);
  if (response.status != 200) client_.fail(request, response);
  return parse_s3_listing(response.body, prefix);
}

void S3Store::refuse_disorder(const S3Listing& listing, const std::string& prefix,
                              const std::string& after) const {
  if (const auto disorder = find_disorder(listing, prefix, after)) {
    const std::string& key = listing.objects[*disorder].key;
    if (!key.starts_with(prefix)) {
      throw CorruptData(
          fmt::format("{} lists {} where keys must begin with {}, and does so again: something "
                      "between here and "
                      "the store damages listings, or the store does not speak S3",
                      client_.server(), quote(key, 200), quote(prefix, 200)));
    }
    throw StoreUnsuitable(fmt::format(
        "{} lists {} after {} where keys must ascend, so that nobody could tell what is missing; "
        "use another server (on AWS: a general purpose bucket, not a directory bucket)",
        client_.server(), quote(key),
        quote(*disorder == 0 ? after : listing.objects[*disorder - 1].key)));
  }
}

void S3Store::remove(std::span<const std::string> keys) {
  refuse_if_foreign();
  std::vector<std::string> all;
  all.reserve(keys.size());
  for (const std::string& key : keys) all.push_back(full(key));
  if (all.size() > 1 && removes_many_) {
    const std::size_t pages = (all.size() + page_max - 1) / page_max;
    parallel_for(client_.io(), pages, removals_at_once, [&](std::size_t i) {
      const std::size_t begin = i * page_max;
      const auto some = std::span(all).subspan(begin, std::min(page_max, all.size() - begin));
      if (removes_many_ && !remove_many(some)) removes_many_ = false;
    });
    if (removes_many_) return;
  }
  parallel_for(client_.io(), all.size(), removals_at_once,
               [&](std::size_t i) { remove_one(all[i]); });
}

void S3Store::remove_one(const std::string& key) {
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  const HttpResponse response = client_.send(request);
  if (response.status / 100 == 2) return;
  if (response.status == 404 && s3_error_code(response) == "NoSuchKey") return;
  client_.fail(request, response);
}

bool S3Store::remove_many(std::span<const std::string> keys) {
  const Bytes body = format_s3_delete(keys);
  S3Request request;
  request.method = "POST";
  request.query.emplace_back("delete", "");
  request.body = body;
  request.headers.push_back({"Content-Type", "application/xml"});
  if (client_.config().checksums) {
    request.headers.push_back({"x-amz-checksum-crc32c", crc32c_header(body)});
  }
  // Servers that do not know the checksum demand this one.
  if (const std::optional<std::string> digest = md5(body)) {
    request.headers.push_back({"Content-MD5", to_base64(*digest)});
  }
  const HttpResponse response = client_.send(request);
  if (response.status == 501 || response.status == 405) return false;
  if (response.status != 200) client_.fail(request, response);
  if (parse_s3_error(response.body)) client_.fail(request, response);
  for (const S3DeleteError& error : parse_s3_delete(response.body)) {
    if (error.code == "NoSuchKey") continue;
    request.key = error.key;
    client_.fail(request, response, error.code, error.message);
  }
  return true;
}

StoreTime S3Store::now() {
  S3Request request;
  request.method = "HEAD";
  const HttpResponse response = client_.send(request);
  if (response.status != 200) client_.fail(request, response);
  const std::optional<std::chrono::sys_seconds> date = date_of(response);
  if (!date) throw StoreUnsuitable(client_.server() + " does not date its answers");
  return {*date, {}, {}};
}

}  // namespace

std::shared_ptr<ObjectStore> make_s3_store(const S3Config& config, std::shared_ptr<HttpClient> http,
                                           std::shared_ptr<CredentialSource> credentials,
                                           const Environment& environment,
                                           std::shared_ptr<Retrier> retrier) {
  return std::make_shared<S3Store>(config, std::move(http), std::move(credentials), environment,
                                   std::move(retrier));
}

}  // namespace flashflood

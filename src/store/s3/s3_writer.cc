#include "store/s3/s3_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/stop.h"
#include "flashflood/error.h"
#include "store/aws/digest.h"
#include "store/request_failed.h"
#include "store/s3/s3_error.h"

namespace flashflood {
namespace {

constexpr std::size_t parts_max = 10'000;
// Who stops an upload waits for its end, and no longer than this.
constexpr std::chrono::seconds abandon_time_max{1};
constexpr std::size_t part_mask = (std::size_t{1} << 20) - 1;  // parts are whole MiB

bool is_success(const HttpResponse& response) { return response.status / 100 == 2; }

bool is_unknown_upload(const HttpResponse& response) {
  return response.status == 404 && s3_error_code(response) == "NoSuchUpload";
}

[[noreturn]] void fail_aborted(const std::string& key) {
  throw RequestFailed(fmt::format("the upload of {} was aborted meanwhile", key),
                      RequestFailed::Effect::unknown);
}

// Some refusals come with status 200.
bool holds_error(const HttpResponse& response) {
  return !response.body.empty() && parse_s3_error(response.body).has_value();
}

}  // namespace

void S3Writer::add_encryption(S3Request& request) const {
  const S3Config& config = client_.config();
  if (config.sse.empty()) return;
  request.headers.push_back({"x-amz-server-side-encryption", config.sse});
  if (!config.sse_kms_key_id.empty()) {
    request.headers.push_back(
        {"x-amz-server-side-encryption-aws-kms-key-id", config.sse_kms_key_id});
  }
}

S3Request S3Writer::put_request(const std::string& key, BytesView bytes) const {
  S3Request request;
  request.method = "PUT";
  request.key = key;
  request.body = bytes;
  if (client_.config().checksums) {
    request.headers.push_back({"x-amz-checksum-crc32c", crc32c_header(bytes)});
  }
  return request;
}

void S3Writer::put(const std::string& key, BytesView bytes) {
  if (bytes.size() > client_.config().multipart_bytes) return put_in_parts(key, bytes);
  S3Request request = put_request(key, bytes);
  add_encryption(request);
  const HttpResponse response = client_.send(request);
  if (!is_success(response) || holds_error(response)) client_.fail(request, response);
}

PutOutcome S3Writer::put_if_absent(const std::string& key, BytesView bytes) {
  S3Request request = put_request(key, bytes);
  add_encryption(request);
  request.headers.push_back({"If-None-Match", "*"});
  const HttpResponse response = client_.send(request);
  if (is_success(response) && !holds_error(response)) return PutOutcome::created;
  // 304 stands for 412 in some versions of MinIO.
  if (response.status == 412 || response.status == 304) return PutOutcome::exists;
  if (response.status == 409) {
    // Another request for the key was under way. Some servers answer so to whoever comes second,
    // also later; whether the key is taken can be seen.
    if (reader_.size_of(key)) return PutOutcome::exists;
  }
  if (response.status == 501) {
    // The answer does not tell which of the headers the server does not know.
    const std::string_view other_cause =
        client_.config().checksums
            ? "it may only be that it does not know checksums: set "
              "AWS_REQUEST_CHECKSUM_CALCULATION=when_required; if that does not help, "
            : "";
    throw StoreUnsuitable(fmt::format(
        "{} cannot create an object only if it is absent (If-None-Match), without which writers "
        "would overwrite each other; {}use a server or a version of it that can",
        client_.server(), other_cause));
  }
  client_.fail(request, response);
}

void S3Writer::put_in_parts(const std::string& key, BytesView bytes) {
  const S3Config& config = client_.config();
  std::size_t part_bytes = std::max(config.part_bytes, bytes.size() / parts_max + 1);
  part_bytes = (part_bytes + part_mask) & ~part_mask;
  const std::size_t count = (bytes.size() + part_bytes - 1) / part_bytes;
  // Each request is repeated for itself. An upload that was aborted by somebody is begun anew, as a
  // whole.
  Retrier& retrier = client_.retrier();
  const std::string id = retrier.repeat([&] { return begin_upload(key); });
  try {
    std::vector<S3Part> parts(count);
    parallel_for(client_.io(), count, config.pieces_at_once, [&](std::size_t i) {
      auto part = retrier.repeat(
          [&] { return put_part(key, id, i + 1, bytes.substr(i * part_bytes, part_bytes)); });
      if (!part) fail_aborted(key);
      parts[i] = std::move(*part);
    });
    // An upload that is complete is not known any more either, to the second request for it.
    if (!retrier.repeat([&] { return complete_upload(key, id, parts); }) &&
        retrier.repeat([&] { return reader_.size_of(key); }) != bytes.size()) {
      fail_aborted(key);
    }
  } catch (...) {
    abandon_upload(key, id);
    throw;
  }
}

std::string S3Writer::begin_upload(const std::string& key) {
  S3Request request;
  request.method = "POST";
  request.key = key;
  request.query.emplace_back("uploads", "");
  add_encryption(request);
  if (client_.config().checksums) {
    request.headers.push_back({"x-amz-checksum-algorithm", "CRC32C"});
  }
  const HttpResponse response = client_.send(request);
  if (!is_success(response) || holds_error(response)) client_.fail(request, response);
  return parse_s3_upload_id(response.body);
}

std::optional<S3Part> S3Writer::put_part(const std::string& key, const std::string& id,
                                         std::size_t number, BytesView bytes) {
  S3Request request = put_request(key, bytes);
  request.query.emplace_back("partNumber", std::to_string(number));
  request.query.emplace_back("uploadId", id);
  request.share = S3Request::Share::part;
  const HttpResponse response = client_.send(request);
  if (is_unknown_upload(response)) return std::nullopt;
  if (!is_success(response) || holds_error(response)) client_.fail(request, response);
  S3Part part;
  part.etag = response.header("etag").value_or("");
  // Named again only where the server has kept it: others refuse what they do not know.
  part.crc32c = response.header("x-amz-checksum-crc32c").value_or("");
  return part;
}

bool S3Writer::complete_upload(const std::string& key, const std::string& id,
                               const std::vector<S3Part>& parts) {
  const Bytes body = format_s3_complete(parts);
  S3Request request;
  request.method = "POST";
  request.key = key;
  request.query.emplace_back("uploadId", id);
  request.body = body;
  request.headers.push_back({"Content-Type", "application/xml"});
  const HttpResponse response = client_.send(request);
  if (is_unknown_upload(response)) return false;
  if (!is_success(response) || holds_error(response)) client_.fail(request, response);
  if (!parse_s3_complete(response.body)) {
    throw RequestFailed(
        fmt::format("{} does not say that the upload of {} is complete", client_.server(), key),
        RequestFailed::Effect::unknown);
  }
  return true;
}

void S3Writer::abort_upload(const std::string& key, const std::string& id,
                            std::optional<std::chrono::seconds> time_max) {
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  request.query.emplace_back("uploadId", id);
  request.time_max = time_max;
  const HttpResponse response = client_.send(request);
  if (!is_success(response) && !is_unknown_upload(response)) client_.fail(request, response);
}

void S3Writer::abandon_upload(const std::string& key, const std::string& id) noexcept {
  try {
    try {
      return abort_upload(key, id);
    } catch (const Interrupted&) {
    }
    const StopScope unstopped{std::stop_token()};
    abort_upload(key, id, abandon_time_max);
  } catch (...) {
    // Its parts are swept later.
  }
}

std::size_t S3Writer::abort_uploads(const std::string& prefix, StoreTimestamp time) {
  std::size_t aborted = 0;
  S3Uploads page;
  std::set<std::pair<std::string, std::string>> asked{{"", ""}};  // from where on
  do {
    S3Request request;
    request.query.emplace_back("uploads", "");
    request.query.emplace_back("prefix", prefix);
    if (page.truncated) {
      request.query.emplace_back("key-marker", page.next_key);
      request.query.emplace_back("upload-id-marker", page.next_id);
    }
    const HttpResponse response = client_.send(request);
    // Has no such uploads, or none now (rclone and gofakes3 say so).
    if (response.status == 501 || response.status == 405 || is_unknown_upload(response))
      return aborted;
    if (!is_success(response)) client_.fail(request, response);
    S3Uploads next = parse_s3_uploads(response.body, prefix);
    if (next.truncated && !asked.emplace(next.next_key, next.next_id).second) {
      throw StoreUnsuitable(client_.server() + " lists the same uploads again and again");
    }
    page = std::move(next);
    for (const S3Upload& upload : page.uploads) {
      if (!upload.key.starts_with(prefix) || upload.begun > time) continue;
      client_.retrier().repeat([&] { abort_upload(upload.key, upload.id); });
      ++aborted;
    }
  } while (page.truncated);
  return aborted;
}

}  // namespace flashflood

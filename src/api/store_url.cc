#include "api/store_url.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/folder/folder_store.h"
#include "store/folder/foreign_folder.h"
#include "store/memory_store.h"
#include "store/s3/s3_open.h"

namespace flashflood {
namespace {

// The URL for messages: what stands before an '@' may be a password.
std::string shown(std::string_view url) {
  const std::size_t at = url.rfind('@');
  return at == std::string_view::npos ? quote(url, 300)
                                      : quote("…" + std::string(url.substr(at)), 300);
}

[[noreturn]] void refuse(std::string_view url, std::string_view reason) {
  throw InvalidArgument("the URL " + shown(url) + " is refused: " + std::string(reason));
}

// The part before "://" when that is a scheme (RFC 3986, section 3.1), in lower case; else empty.
std::string scheme_of(std::string_view url) {
  const std::size_t end = url.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  const std::string scheme = to_lower(url.substr(0, end));
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  const bool letter_first = scheme.front() >= 'a' && scheme.front() <= 'z';
  return letter_first && std::all_of(scheme.begin(), scheme.end(), allowed) ? scheme : "";
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Refuses what would be a path of the working directory, and is most likely meant otherwise.
void refuse_mistyped(std::string_view url) {
  std::string_view text = url;
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.size() != url.size() && !scheme_of(text).empty())
    refuse(url, "there are blanks around it; leave them out");
  const std::string word = to_lower(text.substr(0, text.find(':')));
  if (word.size() < text.size() &&
      (word == "s3" || word == "s3a" || word == "file" || word == "memory")) {
    refuse(url, word + ": is followed by two slashes (" + word + "://" +
                    (word == "file"     ? "/path"
                     : word == "memory" ? "name"
                                        : "bucket/prefix") +
                    "); a folder of that name is ./" + word + ":…");
  }
  if (text == "~" || text.starts_with("~/")) {
    refuse(url,
           "only a shell replaces '~', and only where it is not quoted; write $HOME or the whole "
           "path (a folder that is called ~ is ./~)");
  }
}

std::string percent_decoded(std::string_view url, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '?' || text[i] == '#') {
      refuse(url, "a '?' or '#' in a path is written '%3F' or '%23'");
    }
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::optional<std::string> byte = from_hex(to_lower(text.substr(i + 1, 2)));
    if (!byte || byte->size() != 1) refuse(url, "a '%' must be followed by two hexadecimal digits");
    if (byte->front() == '\0') refuse(url, "a path cannot hold a NUL");
    out += *byte;
    i += 2;
  }
  return out;
}

std::string file_path(std::string_view url, std::string_view rest) {
  const std::size_t slash = rest.find('/');
  const std::string host = to_lower(rest.substr(0, slash));
  if (!host.empty() && host != "localhost") {
    refuse(url, "files of other hosts cannot be opened (a local path has three slashes: file:///)");
  }
  if (slash == std::string_view::npos) refuse(url, "the path is missing");
  return percent_decoded(url, rest.substr(slash));
}

// s3a is what Hadoop calls it.
bool is_bucket_scheme(std::string_view scheme) { return scheme == "s3" || scheme == "s3a"; }

[[noreturn]] void refuse_scheme(const std::string& scheme) {
  throw StoreUnsuitable(scheme +
                        ":// is not built into this version of FlashFlood; there are: a path, "
                        "file:///path, s3://bucket/prefix and memory://name");
}

void refuse_options_without_bucket(std::string_view url, const S3Options& s3) {
  if (s3.empty()) return;
  throw InvalidArgument("S3 options are given, but " + shown(url) +
                        " is no bucket: give s3://bucket/prefix, or leave them out");
}

}  // namespace

std::shared_ptr<ObjectStore> open_store(std::string_view url, bool create,
                                        const Environment& environment,
                                        std::shared_ptr<Retrier> retrier, const S3Options& s3) {
  if (url.empty()) throw InvalidArgument("the URL of the store is empty");
  const std::string scheme = scheme_of(url);
  if (scheme.empty()) refuse_mistyped(url);
  const bool bucket = is_bucket_scheme(scheme);
  if (!bucket) refuse_options_without_bucket(url, s3);
  if (scheme.empty()) return open_folder_store(std::filesystem::path(url), create);
  const std::string_view rest = url.substr(scheme.size() + 3);
  if (scheme == "file") return open_folder_store(file_path(url, rest), create);
  if (scheme == "memory") {
    if (rest.ends_with('/')) refuse(url, "after memory:// stands a name alone");
    return open_memory_store(rest);
  }
  if (bucket) return open_s3_store(rest, environment, std::move(retrier), s3);
  refuse_scheme(scheme);
}

std::shared_ptr<ObjectStore> open_foreign_store(std::string_view url,
                                                const Environment& environment,
                                                std::shared_ptr<Retrier> retrier,
                                                const S3Options& s3) {
  if (url.empty()) throw InvalidArgument("the URL is empty");
  const std::string scheme = scheme_of(url);
  const std::string_view rest = scheme.empty() ? url : url.substr(scheme.size() + 3);
  if (is_bucket_scheme(scheme))
    return open_foreign_s3_store(rest, environment, std::move(retrier), s3);
  if (scheme.empty()) refuse_mistyped(url);
  refuse_options_without_bucket(url, s3);
  if (scheme.empty()) return open_foreign_folder(std::filesystem::path(url));
  if (scheme == "file") return open_foreign_folder(file_path(url, rest));
  if (scheme == "memory") return open_memory_store(rest);
  refuse_scheme(scheme);
}

}  // namespace flashflood

#include "format/settings.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "base/hash.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr std::string_view settings_type = "flashflood";
constexpr std::string_view lease_type = "flashflood-lease";
constexpr std::string_view import_type = "flashflood-import";
constexpr std::size_t object_bytes_max = 64 * 1024;
constexpr std::uint64_t seconds_max = std::uint64_t{10} * 366 * 24 * 3600;
constexpr std::size_t flood_id_length = 32;

// The last field is the checksum of all bytes before it.
constexpr std::string_view checksum_start = ",\"checksum\":\"";
constexpr std::string_view checksum_end = "\"}\n";
constexpr std::size_t checksum_length = checksum_start.size() + 16 + checksum_end.size();

std::string checksum_field(std::string_view before) {
  return fmt::format("{}{:016x}{}", checksum_start, xxh3(before), checksum_end);
}

Bytes with_checksum(std::string text) {
  text += checksum_field(text);
  return text;
}

bool is_checksum_right(BytesView object) {
  if (object.size() < checksum_length) return false;
  BytesView before = object.substr(0, object.size() - checksum_length);
  return object.substr(before.size()) == checksum_field(before);
}

// The fields of a small JSON object. Every name that is asked for has to be there.
class Fields {
 public:
  // The object must be valid JSON and of `type`: is_ours() tells.
  Fields(BytesView object, std::string_view type, std::string_view name) : name_(name) {
    if (object.size() > object_bytes_max) return;
    std::string_view found;
    ours_ = parser_.parse(object.data(), object.size()).get_object().get(fields_) ==
                simdjson::SUCCESS &&
            fields_.at_key("type").get_string().get(found) == simdjson::SUCCESS && found == type;
  }
  bool is_ours() const { return ours_; }

  std::uint64_t number(std::string_view field) const {
    std::uint64_t value = 0;
    if (fields_.at_key(field).get_uint64().get(value) != simdjson::SUCCESS) missing(field);
    return value;
  }
  std::string text(std::string_view field) const {
    std::string_view value;
    if (fields_.at_key(field).get_string().get(value) != simdjson::SUCCESS) missing(field);
    return std::string(value);
  }
  std::chrono::seconds seconds(std::string_view field) const {
    std::uint64_t value = number(field);
    if (value == 0 || value > seconds_max) missing(field);
    return std::chrono::seconds(static_cast<std::int64_t>(value));
  }
  [[noreturn]] void missing(std::string_view field) const {
    throw_corrupt(name_, fmt::format("the field \"{}\" is missing or out of range", field));
  }
  // After is_ours(): the checksum first, then the version.
  void check(BytesView object) const {
    if (!is_checksum_right(object)) throw_corrupt(name_, "the checksum is wrong");
    std::uint64_t version = number("format");
    if (version == 0) missing("format");
    if (version > format_version) {
      throw_unsupported(name_, fmt::format("format version {}", version));
    }
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::object fields_;
  std::string_view name_;
  bool ours_ = false;
};

bool is_hex(std::string_view text, std::size_t length) {
  return text.size() == length && from_hex(text).has_value();
}

// Boot ids are plain names: nothing in them has to be escaped.
bool is_plain_name(std::string_view text) {
  constexpr std::size_t length_max = 1024;
  return text.size() <= length_max && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c <= '~' && c != '"' && c != '\\';
         });
}

bool is_in_range(std::chrono::seconds span) {
  return span.count() >= 1 && static_cast<std::uint64_t>(span.count()) <= seconds_max;
}

}  // namespace

Bytes encode_settings(const FloodSettings& settings) {
  if (!is_hex(settings.flood_id, flood_id_length)) {
    throw InvalidArgument("the id of a flood has 32 hexadecimal digits");
  }
  if (!is_in_range(settings.patience) || !is_in_range(settings.grace) ||
      settings.grace < settings.patience) {
    throw InvalidArgument("patience and grace are out of range");
  }
  return with_checksum(
      fmt::format("{{\"type\":\"{}\",\"format\":{},\"flood_id\":\"{}\",\"grace_seconds\":{},"
                  "\"patience_seconds\":{}",
                  settings_type, format_version, settings.flood_id, settings.grace.count(),
                  settings.patience.count()));
}

FloodSettings decode_settings(BytesView object, std::string_view name) {
  Fields fields(object, settings_type, name);
  if (!fields.is_ours()) {
    throw NotAFlood(fmt::format("{}: is not the description of a flood", name));
  }
  fields.check(object);
  FloodSettings settings;
  settings.flood_id = fields.text("flood_id");
  settings.grace = fields.seconds("grace_seconds");
  settings.patience = fields.seconds("patience_seconds");
  if (!is_hex(settings.flood_id, flood_id_length)) fields.missing("flood_id");
  if (settings.grace < settings.patience) fields.missing("grace_seconds");
  return settings;
}

Bytes encode_lease(const Lease& lease) {
  if (!is_in_range(lease.term)) throw InvalidArgument("the term of a lease is out of range");
  if (!is_plain_name(lease.boot_id)) throw InvalidArgument("a boot id is a short plain name");
  std::uint8_t token[token_bytes];
  token_to_wire(lease.token, token);
  return with_checksum(fmt::format(
      "{{\"type\":\"{}\",\"format\":{},\"catalog\":{},\"term_seconds\":{},\"token\":\"{}\","
      "\"boot_id\":\"{}\",\"boot_clock_ns\":{}",
      lease_type, format_version, lease.catalog, lease.term.count(), to_hex(lease.token.bytes),
      lease.boot_id, lease.boot_clock_ns));
}

Lease decode_lease(BytesView object, std::string_view name) {
  Fields fields(object, lease_type, name);
  if (!fields.is_ours()) throw_corrupt(name, "is not a lease");
  fields.check(object);
  Lease lease;
  lease.catalog = fields.number("catalog");
  lease.term = fields.seconds("term_seconds");
  std::optional<std::string> token = from_hex(fields.text("token"));
  if (!token || token->size() != token_bytes) fields.missing("token");
  lease.token.bytes = *token;
  lease.boot_id = fields.text("boot_id");
  lease.boot_clock_ns = fields.number("boot_clock_ns");
  return lease;
}

Bytes encode_import_mark(const ImportMark& mark) {
  if (mark.journals.size() > ImportMark::journals_max) {
    throw InvalidArgument("too many journals in one mark of an import");
  }
  std::string hashes;
  for (const IdHash& journal : mark.journals) hashes += journal.hex();
  return with_checksum(fmt::format("{{\"type\":\"{}\",\"format\":{},\"journals\":\"{}\"",
                                   import_type, format_version, hashes));
}

ImportMark decode_import_mark(BytesView object, std::string_view name) {
  Fields fields(object, import_type, name);
  if (!fields.is_ours()) throw_corrupt(name, "is not a mark of an import");
  fields.check(object);
  const std::string hashes = fields.text("journals");
  constexpr std::size_t width = 2 * IdHash::size;
  if (hashes.size() % width != 0) fields.missing("journals");
  ImportMark mark;
  for (std::size_t i = 0; i < hashes.size(); i += width) {
    const auto journal = IdHash::parse(std::string_view(hashes).substr(i, width));
    if (!journal) fields.missing("journals");
    mark.journals.push_back(*journal);
  }
  return mark;
}

}  // namespace flashflood::format

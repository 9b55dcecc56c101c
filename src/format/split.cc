#include "format/split.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "format/keys.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr std::string_view split_type = "flashflood-split";
constexpr std::uint64_t split_version = 1;
constexpr std::string_view name = "the split";
constexpr std::size_t expression_bytes_max = std::size_t{1} << 20;
constexpr std::size_t url_bytes_max = 16 * 1024;
constexpr std::uint64_t number_max = std::uint64_t{1} << 53;  // what every reader of JSON keeps
constexpr std::size_t flood_id_length = 32;
constexpr std::size_t checksum_length = 16;

// ---- writing ----

// The members of one object, in order.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(out_, value);
  }
  void number(std::string_view key, std::uint64_t value) {
    begin(key);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void flag(std::string_view key, bool value) {
    begin(key);
    out_ += value ? "true" : "false";
  }
  std::string& begin(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, key);
    out_ += ':';
    return out_;
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_position(std::string& out, const EventPosition& position) {
  Members members(out);
  members.text("date", format_timestamp(position.date));
  if (position.id) members.text("id", *position.id);
  members.end();
}

void append_journal(std::string& out, const SplitJournal& journal) {
  Members members(out);
  members.text("key", journal.key);
  members.number("bytes", journal.object_bytes);
  members.number("entries", journal.entries);
  // Nanoseconds since 1970 exceed what many readers of JSON keep of a number.
  if (journal.arrival != 0) members.text("arrival", fmt::format("{}", journal.arrival));
  if (journal.blocks)
    fmt::format_to(std::back_inserter(members.begin("blocks")), "[{},{}]", journal.blocks->first,
                   journal.blocks->end);
  if (!journal.url.empty()) members.text("url", journal.url);
  members.end();
}

template <typename Items, typename Append>
void append_array(std::string& out, const Items& items, const Append& append) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    append(item);
  }
  out += ']';
}

// The document up to the checksum.
std::string encode_fields(const Split& split) {
  std::string out;
  Members members(out);
  members.text("type", split_type);
  members.number("format", split_version);
  members.text("flood_id", split.flood_id);
  members.text("store", split.store);
  members.number("catalog", split.catalog);
  members.number("fence", split.fence);
  members.number("number", split.number);
  members.number("count", split.count);
  if (split.range.after) append_position(members.begin("after"), *split.range.after);
  if (split.range.upto) append_position(members.begin("upto"), *split.range.upto);
  if (!split.where.empty()) members.text("where", split.where);
  if (!split.query.empty()) members.text("query", split.query);
  if (split.strict) members.flag("strict", true);
  members.number("entries", split.entries);
  members.number("stored_bytes", split.stored_bytes);
  if (!split.lease.empty()) members.text("lease", split.lease);
  members.text("made", format_timestamp(split.made));
  members.text("expires", format_timestamp(split.expires));
  append_array(members.begin("journals"), split.journals,
               [&](const SplitJournal& journal) { append_journal(out, journal); });
  append_array(members.begin("pending"), split.pending,
               [&](const Bytes& block) { append_json_string(out, to_base64(block)); });
  return out;
}

std::string checksum_of(std::string_view fields) { return fmt::format("{:016x}", xxh3(fields)); }

// ---- reading ----

using simdjson::dom::element;

[[noreturn]] void refuse(std::string_view field) {
  throw_corrupt(name, fmt::format("\"{}\" is missing or out of range", field));
}

// The members of one object. Each may be asked for once, and none may be left over.
class Fields {
 public:
  Fields(const element& json, std::string_view what) : what_(what) {
    if (json.get_object().get(object_) != simdjson::SUCCESS) refuse(what);
    left_ = object_.size();
  }
  std::optional<element> find(std::string_view field) {
    element value;
    if (object_.at_key(field).get(value) != simdjson::SUCCESS) return std::nullopt;
    --left_;
    return value;
  }
  element need(std::string_view field) {
    auto value = find(field);
    if (!value) refuse(field);
    return *value;
  }
  std::string text(std::string_view field, std::size_t bytes_max) {
    return text_of(need(field), field, bytes_max);
  }
  std::string text_or_empty(std::string_view field, std::size_t bytes_max) {
    auto value = find(field);
    if (!value) return {};
    std::string text = text_of(*value, field, bytes_max);
    if (text.empty()) refuse(field);
    return text;
  }
  std::uint64_t number(std::string_view field) { return number_of(need(field), field); }
  Timestamp date(std::string_view field) {
    std::string text = this->text(field, 64);
    try {
      return parse_timestamp(text);
    } catch (const InvalidArgument&) {
      refuse(field);
    }
  }
  simdjson::dom::array array(std::string_view field) {
    simdjson::dom::array values;
    if (need(field).get_array().get(values) != simdjson::SUCCESS) refuse(field);
    return values;
  }
  // A field that nobody asked for would be ignored, or stands twice.
  void end() const {
    if (left_ != 0) throw_corrupt(name, fmt::format("\"{}\" has a field too many", what_));
  }

  static std::string text_of(const element& value, std::string_view field, std::size_t bytes_max) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || text.size() > bytes_max) refuse(field);
    return std::string(text);
  }
  static std::uint64_t number_of(const element& value, std::string_view field) {
    std::uint64_t number = 0;
    if (value.get_uint64().get(number) != simdjson::SUCCESS || number > number_max) refuse(field);
    return number;
  }

 private:
  simdjson::dom::object object_;
  std::string_view what_;
  std::size_t left_ = 0;
};

std::optional<EventPosition> read_position(Fields& fields, std::string_view field) {
  auto json = fields.find(field);
  if (!json) return std::nullopt;
  Fields members(*json, field);
  EventPosition position;
  position.date = members.date("date");
  if (auto id = members.find("id")) position.id = Fields::text_of(*id, "id", id_bytes_max);
  members.end();
  return position;
}

SplitJournal read_journal(const element& json) {
  Fields fields(json, "journals");
  SplitJournal journal;
  journal.key = fields.text("key", 900);
  journal.object_bytes = fields.number("bytes");
  journal.entries = fields.number("entries");
  std::string arrival = fields.text_or_empty("arrival", 20);
  if (!arrival.empty()) {
    auto number = parse_decimal(arrival);
    if (!number || *number == 0) refuse("arrival");
    journal.arrival = *number;
  }
  if (auto blocks = fields.find("blocks")) {
    simdjson::dom::array values;
    if (blocks->get_array().get(values) != simdjson::SUCCESS || values.size() != 2)
      refuse("blocks");
    journal.blocks = BlockRange{Fields::number_of(values.at(0), "blocks"),
                                Fields::number_of(values.at(1), "blocks")};
  }
  journal.url = fields.text_or_empty("url", url_bytes_max);
  fields.end();
  return journal;
}

Split read_fields(Fields& fields) {
  Split split;
  split.flood_id = fields.text("flood_id", flood_id_length);
  split.store = fields.text("store", url_bytes_max);
  split.catalog = fields.number("catalog");
  split.fence = fields.number("fence");
  split.number = fields.number("number");
  split.count = fields.number("count");
  split.range.after = read_position(fields, "after");
  split.range.upto = read_position(fields, "upto");
  split.where = fields.text_or_empty("where", expression_bytes_max);
  split.query = fields.text_or_empty("query", expression_bytes_max);
  if (auto strict = fields.find("strict"))
    if (strict->get_bool().get(split.strict) != simdjson::SUCCESS) refuse("strict");
  split.entries = fields.number("entries");
  split.stored_bytes = fields.number("stored_bytes");
  split.lease = fields.text_or_empty("lease", 900);
  split.made = fields.date("made");
  split.expires = fields.date("expires");
  for (const element& journal : fields.array("journals"))
    split.journals.push_back(read_journal(journal));
  for (const element& block : fields.array("pending")) {
    auto bytes = from_base64(Fields::text_of(block, "pending", split_bytes_max));
    if (!bytes) refuse("pending");
    split.pending.push_back(std::move(*bytes));
  }
  return split;
}

// ---- what holds for every split ----

// "https://host:port" of a URL that ends, before its '?', with "/" and the key; nothing for any
// other text. So a split cannot make its reader ask for anything but journals.
std::optional<std::string_view> origin_of(std::string_view url, std::string_view key) {
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '#' && c != '@';
  });
  std::size_t host = 0;
  if (url.starts_with("https://")) host = 8;
  if (url.starts_with("http://")) host = 7;
  const std::string_view path = url.substr(0, url.find('?'));
  const std::size_t slash = path.find('/', host);
  if (!plain || host == 0 || slash == std::string_view::npos || slash == host) return std::nullopt;
  if (!path.substr(slash).ends_with(fmt::format("/{}", key))) return std::nullopt;
  return url.substr(0, slash);
}

void check_journal(const SplitJournal& journal, const Split& split) {
  const bool known = journal.arrival != 0 ? parse_bulk_key(journal.key).has_value()
                                          : parse_sealed_key(journal.key).has_value();
  if (!known) refuse("key");
  if (journal.object_bytes == 0) refuse("bytes");
  if (journal.entries == 0) refuse("entries");
  if (journal.blocks && journal.blocks->first >= journal.blocks->end) refuse("blocks");
  if (journal.url.empty() == split.is_presigned()) refuse("url");
  if (!split.is_presigned()) return;
  auto origin = origin_of(journal.url, journal.key);
  if (journal.arrival != 0 || !origin) refuse("url");
  const SplitJournal& first = split.journals.front();
  if (&journal != &first && origin != origin_of(first.url, first.key)) refuse("url");
}

void check(const Split& split) {
  if (split.flood_id.size() != flood_id_length || !from_hex(split.flood_id)) refuse("flood_id");
  if (split.store.empty()) refuse("store");
  if (split.fence > split.catalog) refuse("fence");
  if (split.number == 0 || split.number > split.count) refuse("number");
  const auto& [after, upto] = split.range;
  if (after && upto && !(*after < *upto)) refuse("upto");
  if (!split.lease.empty()) {
    auto lease = parse_output_key(leases_prefix, split.lease);
    if (!lease || lease->epoch != split.catalog) refuse("lease");
  }
  if (split.expires < split.made) refuse("expires");
  for (std::size_t i = 0; i < split.journals.size(); ++i) {
    if (i > 0 && split.journals[i].key <= split.journals[i - 1].key) refuse("journals");
    check_journal(split.journals[i], split);
  }
  if (split.is_presigned() && !split.pending.empty()) refuse("pending");
}

}  // namespace

bool operator<(const EventPosition& a, const EventPosition& b) {
  if (a.date != b.date) return a.date < b.date;
  if (!a.id || !b.id) return a.id.has_value() && !b.id.has_value();
  return *a.id < *b.id;
}

std::string encode_split(const Split& split) {
  try {
    check(split);
  } catch (const CorruptData& error) {
    throw InvalidArgument(error.what());
  }
  std::string json = encode_fields(split);
  std::string checksum = checksum_of(json);
  json += ",\"checksum\":\"" + checksum + "\"}";
  if (json.size() > split_bytes_max)
    throw InvalidArgument("a split would be larger than 64 MiB: make more and smaller ones");
  return json;
}

Split decode_split(std::string_view json) {
  if (json.size() > split_bytes_max)
    throw InvalidArgument("a split has at most 64 MiB, and this is longer");
  simdjson::dom::parser parser(split_bytes_max);
  element document;
  std::string_view type;
  if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
      document.at_key("type").get_string().get(type) != simdjson::SUCCESS || type != split_type)
    throw InvalidArgument(
        "this is not a split: a split is one JSON document, as `flashflood splits` prints them");
  Fields fields(document, "split");
  fields.need("type");
  const std::uint64_t version = fields.number("format");
  if (version == 0) refuse("format");
  if (version > split_version) throw_unsupported(name, fmt::format("format version {}", version));
  Split split = read_fields(fields);
  const std::string checksum = fields.text("checksum", checksum_length);
  fields.end();
  check(split);
  // Of the values: a program in between may have laid out the document anew.
  if (checksum != checksum_of(encode_fields(split))) throw_corrupt(name, "the checksum is wrong");
  return split;
}

}  // namespace flashflood::format

#include "format/keys.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "flashflood/error.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr std::string_view single_prefix = "head/e-";
constexpr std::size_t date_length = 23;

// Takes a key apart from the left. Once something does not fit, ok() is false for good.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}

  void literal(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) ok_ = false;
    if (ok_) rest_.remove_prefix(text.size());
  }
  std::uint64_t hex64() {
    std::uint64_t value = 0;
    for (char c : take(16)) value = value << 4 | nibble(c);
    return value;
  }
  Token token() {
    std::optional<std::string> bytes = from_hex(take(2 * token_bytes));
    if (!bytes || bytes->size() != token_bytes) {
      ok_ = false;
      return {};
    }
    return {std::move(*bytes)};
  }
  std::uint64_t decimal10() {
    std::uint64_t value = 0;
    for (char c : take(10)) {
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  }
  IdHash id_hash() {
    std::optional<IdHash> hash = IdHash::parse(take(2 * IdHash::size));
    if (!hash) ok_ = false;
    return hash.value_or(IdHash{});
  }
  Timestamp date() {
    std::optional<Timestamp> date = parse_compact_timestamp(take(date_length));
    if (!date) ok_ = false;
    return date.value_or(Timestamp{});
  }
  OutputName name() {
    OutputName name;
    name.epoch = hex64();
    literal("-");
    name.token = token();
    return name;
  }
  // The whole key was as expected.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    if (!ok_ || rest_.size() < count) {
      ok_ = false;
      return {};
    }
    std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint64_t nibble(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint64_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint64_t>(c - 'a' + 10);
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::string name_text(const OutputName& name) {
  return fmt::format("{:016x}-{}", name.epoch, to_hex(name.token.bytes));
}

}  // namespace

std::string catalog_key(std::uint64_t number) {
  return fmt::format("{}{:016x}", catalog_prefix, ~number);
}

std::optional<std::uint64_t> parse_catalog_key(std::string_view key) {
  KeyReader reader(key);
  reader.literal(catalog_prefix);
  std::uint64_t number = ~reader.hex64();
  if (!reader.done()) return std::nullopt;
  return number;
}

std::string single_key_prefix(const IdHash& id) {
  return fmt::format("{}{}-", single_prefix, id.hex());
}

std::string single_key(const IdHash& id, std::uint64_t revision) {
  if (revision == 0 || revision > revision_max) {
    throw InvalidArgument(fmt::format("revision {} is out of range", revision));
  }
  return fmt::format("{}{:010}", single_key_prefix(id), revision);
}

std::optional<SingleKey> parse_single_key(std::string_view key) {
  KeyReader reader(key);
  SingleKey parts;
  reader.literal(single_prefix);
  parts.id = reader.id_hash();
  reader.literal("-");
  parts.revision = reader.decimal10();
  if (!reader.done() || parts.revision == 0) return std::nullopt;
  return parts;
}

std::string bulk_key(const BulkKey& parts) {
  if (parts.number > revision_max) {
    throw InvalidArgument(fmt::format("journal number {} is out of range", parts.number));
  }
  return fmt::format("{}{:016x}-{}-{:010}", bulk_prefix, parts.epoch, to_hex(parts.recorder.bytes),
                     parts.number);
}

std::optional<BulkKey> parse_bulk_key(std::string_view key) {
  KeyReader reader(key);
  BulkKey parts;
  reader.literal(bulk_prefix);
  parts.epoch = reader.hex64();
  reader.literal("-");
  parts.recorder = reader.token();
  reader.literal("-");
  parts.number = reader.decimal10();
  if (!reader.done()) return std::nullopt;
  return parts;
}

std::string sealed_key(Timestamp from, Timestamp to, const OutputName& name) {
  return fmt::format("{}{}--{}--{}", journals_prefix, compact_timestamp(from),
                     compact_timestamp(to), name_text(name));
}

std::optional<SealedKey> parse_sealed_key(std::string_view key) {
  KeyReader reader(key);
  SealedKey parts;
  reader.literal(journals_prefix);
  parts.from = reader.date();
  reader.literal("--");
  parts.to = reader.date();
  reader.literal("--");
  parts.name = reader.name();
  if (!reader.done() || parts.from > parts.to) return std::nullopt;
  return parts;
}

std::string import_key(const Token& token) {
  return fmt::format("{}{}", imports_prefix, to_hex(token.bytes));
}

std::string output_key(std::string_view prefix, const OutputName& name) {
  return fmt::format("{}{}", prefix, name_text(name));
}

std::optional<OutputName> parse_output_key(std::string_view prefix, std::string_view key) {
  KeyReader reader(key);
  reader.literal(prefix);
  OutputName name = reader.name();
  if (!reader.done()) return std::nullopt;
  return name;
}

}  // namespace flashflood::format

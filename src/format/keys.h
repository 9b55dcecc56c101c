// Names of objects, below the flood's prefix. Numbers have a fixed width, so names order like them.
//
//   head/c-<16 hex: 2^64 - 1 - number>                     catalog; the newest lists first
//   head/e-<40 hex: hash of id>-<10 digits: revision>      pending journal of a single operation
//   head/j-<16 hex: epoch>-<32 hex: recorder>-<10 digits>  pending journal of a recorder
//   journals/<from>--<to>--<16 hex: epoch>-<32 hex>        sealed journal; compact_timestamp dates
//   index/<16 hex: epoch>-<32 hex>                         part of a run of the id index
//   catalog/<16 hex: epoch>-<32 hex>                       page of a catalog
//   leases/<16 hex: catalog>-<32 hex>                      lease
//   imports/<32 hex>                                       mark of an import
//   trials/<32 hex>-<digit>                                trial of the store (store/probe.h)
//
// Parsers return nothing for a key that is not exactly of their form.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "format/entry.h"

namespace flashflood::format {

inline constexpr std::string_view settings_key = "flashflood.json";
inline constexpr std::string_view head_prefix = "head/";
inline constexpr std::string_view catalog_prefix = "head/c-";
inline constexpr std::string_view bulk_prefix = "head/j-";
inline constexpr std::string_view journals_prefix = "journals/";
inline constexpr std::string_view index_prefix = "index/";
inline constexpr std::string_view pages_prefix = "catalog/";
inline constexpr std::string_view leases_prefix = "leases/";
inline constexpr std::string_view imports_prefix = "imports/";
inline constexpr std::string_view trials_prefix = "trials/";

inline constexpr std::uint64_t revision_max = 9'999'999'999;

std::string catalog_key(std::uint64_t number);
std::optional<std::uint64_t> parse_catalog_key(std::string_view key);

struct SingleKey {
  IdHash id;
  std::uint64_t revision = 0;
  bool operator==(const SingleKey&) const = default;
};
std::string single_key(const IdHash& id, std::uint64_t revision);
// What the keys of all operations on one id begin with.
std::string single_key_prefix(const IdHash& id);
std::optional<SingleKey> parse_single_key(std::string_view key);

struct BulkKey {
  std::uint64_t epoch = 0;
  Token recorder;
  std::uint64_t number = 0;
  bool operator==(const BulkKey&) const = default;
};
std::string bulk_key(const BulkKey& parts);
std::optional<BulkKey> parse_bulk_key(std::string_view key);

// Objects that are named by the epoch in which they were written and a random token.
struct OutputName {
  std::uint64_t epoch = 0;
  Token token;
  bool operator==(const OutputName&) const = default;
  auto operator<=>(const OutputName&) const = default;
};
std::string sealed_key(Timestamp from, Timestamp to, const OutputName& name);
struct SealedKey {
  Timestamp from{};
  Timestamp to{};
  OutputName name;
};
std::optional<SealedKey> parse_sealed_key(std::string_view key);

std::string import_key(const Token& token);

// `prefix` is one of index_prefix, pages_prefix, leases_prefix.
std::string output_key(std::string_view prefix, const OutputName& name);
std::optional<OutputName> parse_output_key(std::string_view prefix, std::string_view key);

}  // namespace flashflood::format

#include "format/keys.h"

#include <gtest/gtest.h>

#include <limits>

#include "flashflood/error.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

const Token token{
    std::string("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff", 16)};
constexpr std::string_view token_hex = "000102030405060708090a0b0c0d0eff";

TEST(Keys, CatalogsOfHigherNumberListFirst) {
  EXPECT_EQ(catalog_key(0), "head/c-ffffffffffffffff");
  EXPECT_EQ(catalog_key(1), "head/c-fffffffffffffffe");
  EXPECT_LT(catalog_key(256), catalog_key(255));
  for (std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40,
                               std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(parse_catalog_key(catalog_key(number)), number);
  }
}

TEST(Keys, SingleKeysOrderByRevision) {
  IdHash id = IdHash::of("event");
  EXPECT_EQ(single_key(id, 12), "head/e-" + id.hex() + "-0000000012");
  EXPECT_LT(single_key(id, 9), single_key(id, 10));
  EXPECT_EQ(parse_single_key(single_key(id, revision_max)), (SingleKey{id, revision_max}));
  EXPECT_THROW(single_key(id, 0), InvalidArgument);
  EXPECT_THROW(single_key(id, revision_max + 1), InvalidArgument);
  EXPECT_FALSE(parse_single_key("head/e-" + id.hex() + "-0000000000"));
}

TEST(Keys, BulkKeysComeBack) {
  BulkKey parts{0x1f, token, 3};
  std::string key = bulk_key(parts);
  EXPECT_EQ(key, "head/j-000000000000001f-" + std::string(token_hex) + "-0000000003");
  EXPECT_EQ(parse_bulk_key(key), parts);
  EXPECT_THROW(bulk_key({0, token, 10'000'000'000}), InvalidArgument);
}

TEST(Keys, SealedKeysTellTheirRange) {
  Timestamp from = parse_timestamp("2011-03-01T08:26:00Z");
  Timestamp to = parse_timestamp("2011-03-02T00:00:00.000001Z");
  std::string key = sealed_key(from, to, {7, token});
  EXPECT_EQ(key, "journals/20110301T082600.000000Z--20110302T000000.000001Z--0000000000000007-" +
                     std::string(token_hex));
  auto parts = parse_sealed_key(key);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->from, from);
  EXPECT_EQ(parts->to, to);
  EXPECT_EQ(parts->name, (OutputName{7, token}));
  EXPECT_FALSE(parse_sealed_key(sealed_key(to, from, {7, token})));
}

TEST(Keys, OutputKeysNeedTheirPrefix) {
  OutputName name{1, token};
  for (std::string_view prefix : {index_prefix, pages_prefix, leases_prefix}) {
    EXPECT_EQ(parse_output_key(prefix, output_key(prefix, name)), name);
  }
  EXPECT_FALSE(parse_output_key(index_prefix, output_key(pages_prefix, name)));
}

TEST(Keys, NothingElseIsParsed) {
  IdHash id = IdHash::of("x");
  std::vector<std::string> keys{catalog_key(5), single_key(id, 1), bulk_key({1, token, 1}),
                                sealed_key(Timestamp{}, Timestamp{}, {1, token}),
                                output_key(index_prefix, {1, token})};
  auto parses = [](std::string_view key) {
    return parse_catalog_key(key) || parse_single_key(key) || parse_bulk_key(key) ||
           parse_sealed_key(key) || parse_output_key(index_prefix, key);
  };
  for (const std::string& key : keys) {
    EXPECT_TRUE(parses(key)) << key;
    for (std::size_t i = 0; i < key.size(); ++i) {
      EXPECT_FALSE(parses(key.substr(0, i))) << key << " cut at " << i;
      std::string changed = key;
      changed[i] = '_';
      EXPECT_FALSE(parses(changed)) << changed;
      changed[i] = 'F';  // upper case is not ours
      EXPECT_FALSE(parses(changed)) << changed;
    }
    EXPECT_FALSE(parses(key + "0"));
    EXPECT_FALSE(parses("x" + key));
  }
}

}  // namespace
}  // namespace flashflood::format

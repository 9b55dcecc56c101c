#include "base/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace flashflood {
namespace {

// The values come from the reference implementations (xxhsum -H3, sha256sum).
TEST(Xxh3, HasTheSpecifiedValues) {
  EXPECT_EQ(xxh3(""), 0x2d06800538d394c2U);
  EXPECT_EQ(xxh3("a"), 0xe6c632b61e964e1fU);
  EXPECT_EQ(xxh3("abc"), 0x78af5f94892f3950U);
}

TEST(Xxh3, SeesEveryByteAndTheLength) {
  std::string bytes(5000, 'x');
  const std::uint64_t whole = xxh3(bytes);
  for (const std::size_t at : {0U, 1U, 17U, 240U, 1024U, 4999U}) {
    bytes[at] ^= 1;
    EXPECT_NE(xxh3(bytes), whole) << at;
    bytes[at] ^= 1;
  }
  EXPECT_NE(xxh3(std::string_view(bytes).substr(1)), whole);
}

TEST(IdHash, IsTheStartOfSha256) {
  EXPECT_EQ(IdHash::of("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4");
  EXPECT_EQ(IdHash::of("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a3");
  EXPECT_EQ(IdHash::of("abc").prefix(), 0xba7816bf8f01cfeaU);
  EXPECT_EQ(IdHash::of(std::string(1'000'000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48");
}

TEST(IdHash, HexGoesThereAndBack) {
  const IdHash hash = IdHash::of("an id");
  EXPECT_EQ(hash.hex().size(), 40U);
  EXPECT_EQ(IdHash::parse(hash.hex()), hash);
}

TEST(IdHash, ParseRefusesAnythingElse) {
  const std::string good = IdHash::of("an id").hex();
  EXPECT_FALSE(IdHash::parse(""));
  EXPECT_FALSE(IdHash::parse(good.substr(1)));
  EXPECT_FALSE(IdHash::parse(good + "00"));
  std::string upper = good;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_FALSE(IdHash::parse(upper));
  EXPECT_FALSE(IdHash::parse("g" + good.substr(1)));
}

TEST(IdHash, OrdersAsHexAndAsPrefix) {
  std::vector<IdHash> hashes;
  for (int i = 0; i < 200; ++i) hashes.push_back(IdHash::of(std::to_string(i)));
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    EXPECT_LT(hashes[i - 1].hex(), hashes[i].hex());
    EXPECT_LE(hashes[i - 1].prefix(), hashes[i].prefix());
  }
}

}  // namespace
}  // namespace flashflood

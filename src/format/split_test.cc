#include "format/split.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::format {
namespace {

Timestamp at(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

Split sample() {
  Split split;
  split.flood_id = std::string(32, 'a');
  split.store = "s3://bucket/flood";
  split.catalog = 17;
  split.fence = 12;
  split.number = 2;
  split.count = 3;
  split.range = {EventPosition{at(1000), std::string("q\"\n\0\xC3\xA4", 6)},
                 EventPosition{at(5000), {}}};
  split.where = "amount > `3`";
  split.query = "amount";
  split.strict = true;
  split.entries = 77;
  split.stored_bytes = 1234;
  split.lease = output_key(leases_prefix, {17, {}});
  split.made = at(1'700'000'000'000'000);
  split.expires = at(1'700'003'600'000'000);
  SplitJournal pending;
  pending.key = bulk_key({11, {}, 3});
  pending.object_bytes = 4000;
  pending.entries = 7;
  pending.arrival = 1'700'000'000'123'456'789;
  pending.blocks = BlockRange{1, 4};
  SplitJournal sealed;
  sealed.key = sealed_key(at(0), at(9000), {3, {}});
  sealed.object_bytes = 100'000;
  sealed.entries = 70;
  split.journals = {pending, sealed};
  split.pending = {std::string("\0\1\2", 3), "block"};
  return split;
}

Split presigned_sample() {
  Split split = sample();
  split.pending.clear();
  split.journals.erase(split.journals.begin());
  SplitJournal second = split.journals[0];
  second.key = sealed_key(at(1), at(9000), {3, {}});
  split.journals.push_back(second);
  for (SplitJournal& journal : split.journals)
    journal.url = "https://host:9000/bucket/flood/" + journal.key + "?X-Amz-Signature=ab%2Fcd&x=1";
  return split;
}

TEST(Split, GoesThereAndBack) {
  for (const Split& split : {sample(), presigned_sample()}) {
    const std::string json = encode_split(split);
    EXPECT_EQ(json.find('\n'), std::string::npos);
    EXPECT_EQ(decode_split(json), split);
  }
}

TEST(Split, MayBeLaidOutAnew) {
  std::string json = encode_split(sample()), spaced;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    spaced += json[i];
    if (json[i] == '\\') {
      spaced += json[++i];
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && std::strchr("{}[],:", json[i]) != nullptr) {
      spaced += "\n ";
    }
  }
  EXPECT_EQ(decode_split(spaced), sample());
}

TEST(Split, EveryChangedByteIsNoticed) {
  const std::string json = encode_split(sample());
  for (std::size_t i = 0; i < json.size(); ++i) {
    for (const char c : {'0', '9', 'x', '"', ' '}) {
      std::string changed = json;
      if (changed[i] == c) continue;
      changed[i] = c;
      try {
        // A blank where none was needed changes nothing.
        EXPECT_EQ(decode_split(changed), sample()) << i << " " << changed;
      } catch (const InvalidArgument&) {
      } catch (const CorruptData&) {
      } catch (const UnsupportedFormat&) {
      }
    }
    EXPECT_ANY_THROW(decode_split(std::string_view(json).substr(0, i))) << i;
  }
}

TEST(Split, TellsWhatIsNotASplit) {
  for (const char* json :
       {"", "{}", "[]", "1", "x", "{\"type\":\"flashflood\"}", "\"flashflood-split\""})
    EXPECT_THROW(decode_split(json), InvalidArgument) << json;
  EXPECT_THROW(decode_split(R"({"type":"flashflood-split","format":2,"more":1})"),
               UnsupportedFormat);
  EXPECT_THROW(decode_split(R"({"type":"flashflood-split","format":0})"), CorruptData);
  EXPECT_THROW(decode_split(R"({"type":"flashflood-split","format":1})"), CorruptData);
  EXPECT_THROW(decode_split(std::string(split_bytes_max + 1, ' ')), InvalidArgument);
  std::string deep =
      R"({"type":"flashflood-split","format":1,"after":)" + std::string(100'000, '[');
  EXPECT_THROW(decode_split(deep), InvalidArgument);
}

TEST(Split, UnknownAndRepeatedFieldsAreRefused) {
  std::string json = encode_split(sample());
  for (const char* more : {"\"extra\":1,", "\"count\":3,", "\"strict\":true,"})
    EXPECT_THROW(decode_split("{" + std::string(more) + json.substr(1)), CorruptData) << more;
}

// Nothing but journals, of one server, can be asked for.
TEST(Split, RefusesWhatNoFloodMakes) {
  const std::vector<std::function<void(Split&)>> changes = {
      [](Split& s) { s.flood_id = "../../../../../../../etc/passwdxx"; },
      [](Split& s) { s.store.clear(); },
      [](Split& s) { s.number = 4; },
      [](Split& s) { s.number = 0; },
      [](Split& s) { s.fence = 18; },
      [](Split& s) { s.range.upto = s.range.after; },
      [](Split& s) { s.lease = "leases/../flashflood.json"; },
      [](Split& s) {
        s.lease = output_key(leases_prefix, {16, {}});
      },
      [](Split& s) { s.expires = at(0); },
      [](Split& s) { s.journals[0].key = "flashflood.json"; },
      [](Split& s) { s.journals[0].key = "journals/../../etc/passwd"; },
      [](Split& s) { s.journals[1].key = s.journals[0].key; },
      [](Split& s) { s.journals[0].object_bytes = 0; },
      [](Split& s) { s.journals[0].entries = 0; },
      [](Split& s) {
        s.journals[0].blocks = BlockRange{2, 2};
      },
      [](Split& s) { s.journals[0].arrival = 5; },
      [](Split& s) { s.journals[0].url = ""; },
      [](Split& s) { s.journals[0].url = "file:///etc/" + s.journals[0].key; },
      [](Split& s) { s.journals[0].url = "https://host:9000/latest/meta-data"; },
      [](Split& s) { s.journals[0].url = "https://host:9000/x?" + s.journals[0].key; },
      [](Split& s) { s.journals[0].url = "https://host:9000/x#/" + s.journals[0].key; },
      [](Split& s) { s.journals[0].url = "https:///" + s.journals[0].key; },
      [](Split& s) { s.journals[0].url = "https://a@host:9000/" + s.journals[0].key; },
      [](Split& s) { s.journals[1].url = "https://other:9000/" + s.journals[1].key; },
      [](Split& s) { s.journals[1].url = "http://host:9000/" + s.journals[1].key; },
      [](Split& s) { s.journals[1].url = "https://host:9000/ /" + s.journals[1].key; },
      [](Split& s) { s.pending = {"x"}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Split split = presigned_sample();
    changes[i](split);
    EXPECT_THROW(encode_split(split), InvalidArgument) << i;
  }
}

TEST(EventPosition, OrdersLikeTheEventsBeforeIt) {
  const EventPosition a{at(1), "a"}, b{at(1), "b"}, all{at(1), {}}, later{at(2), "a"};
  EXPECT_TRUE(a < b && b < all && all < later && a < later);
  EXPECT_FALSE(b < a || all < b || later < all || all < all || a < a);
  EXPECT_TRUE(a.is_behind(at(0), "z") && a.is_behind(at(1), "a"));
  EXPECT_FALSE(a.is_behind(at(1), "aa") || a.is_behind(at(2), ""));
  EXPECT_TRUE(all.is_behind(at(1), "zz"));
}

TEST(EventRange, ContainsWhatLiesBetween) {
  const EventRange range{EventPosition{at(1), "b"}, EventPosition{at(3), {}}};
  EXPECT_FALSE(range.contains(at(1), "b"));
  EXPECT_TRUE(range.contains(at(1), "c"));
  EXPECT_TRUE(range.contains(at(3), "zzz"));
  EXPECT_FALSE(range.contains(at(4), "a"));
  EXPECT_TRUE(range.overlaps(at(0), at(1)));
  EXPECT_FALSE(range.overlaps(at(0), at(0)));
  EXPECT_TRUE(range.overlaps(at(3), at(9)));
  EXPECT_FALSE(range.overlaps(at(4), at(9)));
  EXPECT_TRUE(EventRange{}.overlaps(at(0), at(0)) && EventRange{}.contains(at(0), "a"));
}

}  // namespace
}  // namespace flashflood::format

// Every kind of object, damaged in every way: verify names it, and get and replay either give right
// answers or throw CorruptData that names it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/journal/commit.h"
#include "engine/journal/seal.h"
#include "engine/state/catalog_pages.h"
#include "engine/test_flood.h"
#include "format/keys.h"

namespace flashflood::engine::testing {
namespace {

using ::testing::HasSubstr;

enum class Damage { truncated, flipped, missing };

struct Case {
  std::string name;
  std::string prefix;  // of the objects to damage
  bool many_journals = false;
};

class Damaged : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const TestFlood& flood = flood_.flood;
    std::vector<TestEvent> events;
    int count = GetParam().many_journals ? static_cast<int>(root_journals_max) + 50 : 60;
    for (int i = 0; i < count; ++i)
      events.push_back({"bulk-" + std::to_string(i), at(i), std::string(100, 'b')});
    flood.record(events);
    flood.put("sealed", at(5), std::string(9000, 's'));
    SealLimits limits;
    limits.journal_bytes = GetParam().many_journals ? 50 : 2000;
    JournalReport report;
    ASSERT_EQ(seal_pending(*flood.context, survey(*flood.context), limits, report),
              SealOutcome::sealed_all);
    flood.put("pending", at(7), "p");
    flood.update("bulk-2", "changed");
    flood.record({{"late-1", at(8), "l"}, {"late-2", at(9), "l"}});
    expected_ = flood.replay();
    ASSERT_EQ(expected_.size(), static_cast<std::size_t>(count) + 4);
    ASSERT_TRUE(flood.problems().empty());
  }

  void damage(const std::string& key, Damage how, std::size_t where) {
    if (how == Damage::missing) return flood_.memory->remove(std::vector<std::string>{key});
    Bytes bytes = flood_.memory->get(key, ByteRange::whole())->bytes;
    if (how == Damage::truncated) {
      bytes.resize(where % bytes.size());
    } else {
      bytes[where % bytes.size()] ^= 0x20;
    }
    flood_.memory->put(key, bytes);
  }

  void check_replay(const TestFlood& fresh, const std::string& key, bool missing_is_fine) {
    try {
      auto events = fresh.replay();
      // A pending object that nothing names cannot be missed.
      if (missing_is_fine) return;
      ASSERT_EQ(events.size(), expected_.size());
      for (std::size_t i = 0; i < events.size(); ++i) {
        ASSERT_EQ(events[i].id, expected_[i].id);
        ASSERT_EQ(events[i].data, expected_[i].data);
      }
    } catch (const CorruptData& error) {
      EXPECT_THAT(error.what(), HasSubstr(key));
    } catch (const UnsupportedFormat& error) {
      EXPECT_THAT(error.what(), HasSubstr(key));
    }
  }

  void check_gets(const TestFlood& fresh, const std::string& key, bool missing_is_fine) {
    for (const Event& event : expected_) {
      try {
        auto found = fresh.find(event.id);
        if (missing_is_fine) continue;
        ASSERT_TRUE(found) << event.id;
        ASSERT_EQ(found->data, event.data) << event.id;
      } catch (const CorruptData& error) {
        EXPECT_THAT(error.what(), HasSubstr(key));
      } catch (const UnsupportedFormat& error) {
        EXPECT_THAT(error.what(), HasSubstr(key));
      }
    }
  }

  void check_verify(const TestFlood& fresh, const std::string& key) {
    try {
      bool named = false;
      for (const auto& problem : fresh.problems())
        named = named || (problem.key + problem.what).find(key) != std::string::npos;
      EXPECT_TRUE(named) << "verify does not name " << key;
    } catch (const Error& error) {
      ADD_FAILURE() << "verify threw instead of reporting: " << error.what();
    }
  }

  MemoryFlood flood_;
  std::vector<Event> expected_;
};

TEST_P(Damaged, IsNamedAndNeverGivesWrongData) {
  auto keys = flood_.flood.keys(GetParam().prefix);
  ASSERT_FALSE(keys.empty());
  const bool pending = GetParam().prefix.starts_with("head/");
  const std::string key = keys[keys.size() / 2];
  const Bytes whole = flood_.memory->get(key, ByteRange::whole())->bytes;
  std::mt19937_64 random(1);
  for (Damage how : {Damage::flipped, Damage::truncated, Damage::missing}) {
    const int rounds = how == Damage::missing ? 1 : 12;
    for (int round = 0; round < rounds; ++round) {
      std::size_t where = round == 0 ? whole.size() - 1 : random() % whole.size();
      SCOPED_TRACE(key + ": damage " + std::to_string(static_cast<int>(how)) + " at " +
                   std::to_string(where) + " of " + std::to_string(whole.size()));
      damage(key, how, where);
      const bool missing_is_fine = pending && how == Damage::missing;
      check_replay(flood_.another(), key, missing_is_fine);
      check_gets(flood_.another(), key, missing_is_fine);
      if (!missing_is_fine) check_verify(flood_.another(), key);
      flood_.memory->put(key, whole);
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_TRUE(flood_.flood.problems().empty());
}

INSTANTIATE_TEST_SUITE_P(Objects, Damaged,
                         ::testing::Values(Case{"journal", "journals/"}, Case{"index", "index/"},
                                           Case{"page", "catalog/", true},
                                           Case{"single", "head/e-"}, Case{"bulk", "head/j-"}),
                         [](const auto& test) { return test.param.name; });

// Without the newest catalog nothing can be said: everything throws and names it.
TEST(DamagedCatalog, IsNamed) {
  MemoryFlood memory;
  memory.flood.record({{"a", at(1), "{}"}});
  memory.flood.journal();
  std::string key = memory.flood.keys("head/c-").front();
  const Bytes whole = memory.memory->get(key, ByteRange::whole())->bytes;
  for (std::size_t where = 0; where < whole.size(); where += 5) {
    for (bool flip : {true, false}) {
      Bytes bytes = whole;
      if (flip) {
        bytes[where] ^= 1;
      } else {
        bytes.resize(where);
      }
      memory.memory->put(key, bytes);
      TestFlood fresh = memory.another();
      auto named = [&](const auto& operation) {
        try {
          operation();
          ADD_FAILURE() << "nothing was thrown";
        } catch (const CorruptData& error) {
          EXPECT_THAT(error.what(), HasSubstr(key));
        } catch (const UnsupportedFormat& error) {
          EXPECT_THAT(error.what(), HasSubstr(key));
        }
      };
      named([&] { fresh.find("a"); });
      named([&] { fresh.replay(); });
      bool verified = false;
      try {
        for (const auto& problem : fresh.problems())
          verified = verified || (problem.key + problem.what).find(key) != std::string::npos;
      } catch (const Error& error) {
        ADD_FAILURE() << "verify threw instead of reporting: " << error.what();
      }
      EXPECT_TRUE(verified);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// An index that names another entry than the journals hold, or lacks one.
TEST(DamagedIndex, IsFoundWhenItDisagreesWithTheJournals) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  flood.record({{"a", at(1), "{}"}, {"b", at(2), "{}"}});
  flood.journal();
  auto catalog = *load_head(*flood.context).catalog;
  ASSERT_EQ(catalog.index.size(), 1u);
  format::Catalog without = catalog;
  without.index.clear();
  memory.memory->put(format::catalog_key(catalog.number), format::encode_catalog(without));
  EXPECT_FALSE(memory.another().problems().empty());
  format::Catalog without_journal = catalog;
  without_journal.journals.clear();
  memory.memory->put(format::catalog_key(catalog.number), format::encode_catalog(without_journal));
  EXPECT_FALSE(memory.another().problems().empty());
  memory.memory->put(format::catalog_key(catalog.number), format::encode_catalog(catalog));
  EXPECT_TRUE(memory.another().problems().empty());
}

TEST(Verify, StopsAfterSoManyProblems) {
  MemoryFlood memory;
  for (int i = 0; i < 5; ++i) {
    std::string id(1, static_cast<char>('a' + i));
    memory.flood.put(id, at(i), "{}");
  }
  for (const auto& key : memory.flood.keys("head/e-")) memory.memory->put(key, "nothing");
  EXPECT_EQ(memory.flood.problems().size(), 5u);
  VerifyOptions options;
  options.problems_max = 2;
  EXPECT_EQ(verify(*memory.flood.context, options).problems.size(), 2u);
}

}  // namespace
}  // namespace flashflood::engine::testing

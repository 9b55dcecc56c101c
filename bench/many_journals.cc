#include "bench/many_journals.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "flashflood/flashflood.h"
#include "format/catalog.h"
#include "format/journal.h"
#include "store/folder/folder_store.h"

namespace flashflood::bench {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t page_journals = 1000;

format::Token token_of(std::size_t number) { return {fmt::format("{:016}", number)}; }

// Ten events in (hour, hour + 1 h].
std::string make_journal(Timestamp hour, format::SealedJournal& journal) {
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(fmt::format("event-{}", i));
  std::vector<format::EntryView> entries;
  for (int i = 0; i < 10; ++i)
    entries.push_back({hour + std::chrono::minutes{1 + i}, ids[static_cast<std::size_t>(i)],
                       R"({"amount": 1})", format::EntryKind::put, format::EntryClass::bulk, 1});
  format::JournalBuilder builder({format::JournalOrigin::sealed, token_of(1), 0, false}, false);
  builder.add(format::encode_block(entries, {}));
  journal.from = entries.front().date;
  journal.to = entries.back().date;
  journal.entries = entries.size();
  std::string object = builder.finish();
  journal.object_bytes = object.size();
  return object;
}

}  // namespace

Timestamp make_many_journals(const std::filesystem::path& folder, std::size_t count) {
  Flood::open(folder.string());
  auto store = open_folder_store(folder, false);
  const Timestamp start = parse_timestamp("2000-01-01T00:00:00Z");
  const std::size_t real = count / 2;
  format::Catalog catalog;
  catalog.number = 1;
  catalog.token = token_of(0);
  format::CatalogPage page;
  auto end_page = [&] {
    format::PageRef ref;
    ref.name = {0, token_of(catalog.pages.size())};
    ref.from = page.journals.front().from;
    ref.to = page.journals.back().to;
    ref.count = page.journals.size();
    ref.entries = 10 * ref.count;
    store->put(format::output_key(format::pages_prefix, ref.name),
               format::encode_catalog_page(page));
    catalog.pages.push_back(ref);
    page = {};
  };
  for (std::size_t i = 0; i < count; ++i) {
    Timestamp hour = start + std::chrono::hours{i};
    format::SealedJournal journal;
    journal.from = hour + 1min;
    journal.to = hour + 10min;
    journal.name = {0, token_of(i)};
    journal.entries = 10;
    journal.raw_bytes = 200;
    journal.object_bytes = 500;
    if (i == real) {
      std::string object = make_journal(hour, journal);
      store->put(journal.key(), object);
    }
    page.journals.push_back(journal);
    if (page.journals.size() == page_journals || i + 1 == count) end_page();
  }
  store->put(format::catalog_key(1), format::encode_catalog(catalog));
  return start + std::chrono::hours{real};
}

}  // namespace flashflood::bench

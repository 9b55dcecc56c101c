#include "engine/state/catalog_pages.h"

#include <algorithm>
#include <memory>

#include "engine/state/head.h"

namespace flashflood::engine {

using format::Catalog;
using format::CatalogPage;
using format::PageRef;
using format::SealedJournal;

namespace {

// Pages with fewer journals are joined with a neighbour when they are rewritten.
constexpr std::size_t page_journals_min = 192;

std::string page_key(const PageRef& page) {
  return format::output_key(format::pages_prefix, page.name);
}

std::shared_ptr<const CatalogPage> load_page(const Context& context, const Catalog& catalog,
                                             const PageRef& ref) {
  std::string key = page_key(ref);
  if (auto known = context.cache->get<CatalogPage>(key)) return known;
  auto page = read_intact(context, [&] {
    return std::make_shared<CatalogPage>(
        format::decode_catalog_page(fetch_named(context, catalog.number, key), key));
  });
  context.cache->put<CatalogPage>(key, page, memory_bytes(page->journals));
  return page;
}

bool overlaps(Timestamp first, Timestamp last, std::optional<Timestamp> from,
              std::optional<Timestamp> to) {
  return (!from || last > *from) && (!to || first <= *to);
}

PageRef summarize(const std::vector<SealedJournal>& journals) {
  PageRef page;
  page.from = journals.front().from;
  page.to = journals.front().to;
  page.count = journals.size();
  for (const auto& journal : journals) {
    page.to = std::max(page.to, journal.to);
    page.entries += journal.entries;
    page.dead_entries += journal.dead_entries;
    page.raw_bytes += journal.raw_bytes;
    page.object_bytes += journal.object_bytes;
  }
  return page;
}

// Removes and adds within one sorted list; false when something to be removed is missing.
bool edit_list(std::vector<SealedJournal>& list, std::vector<SealedJournal> removed,
               const std::vector<SealedJournal>& added) {
  std::sort(removed.begin(), removed.end());
  std::size_t before = list.size();
  std::erase_if(list, [&](const SealedJournal& journal) {
    return std::binary_search(removed.begin(), removed.end(), journal);
  });
  if (before - list.size() != removed.size()) return false;
  list.insert(list.end(), added.begin(), added.end());
  std::sort(list.begin(), list.end());
  return true;
}

// One page while it is edited: loaded only when the edit touches it.
struct Draft {
  std::optional<PageRef> ref;
  std::vector<SealedJournal> journals{};
  std::vector<SealedJournal> removed{};
  std::vector<SealedJournal> added{};
  bool touched() const { return !ref || !removed.empty() || !added.empty(); }
};

class PagesEditor {
 public:
  PagesEditor(const Context& context, const Catalog& catalog, std::uint64_t epoch)
      : context_(context), catalog_(catalog), epoch_(epoch) {
    for (const PageRef& ref : catalog.pages) drafts_.push_back({ref});
    // Journals that grew out of the root, or a catalog without any.
    if (drafts_.empty()) drafts_.push_back({std::nullopt, catalog.journals});
  }

  bool apply(const JournalsEdit& edit) {
    for (const auto& journal : edit.removed) {
      Draft* home = find_home(journal);
      if (!home) return false;
      home->removed.push_back(journal);
    }
    for (const auto& journal : edit.added) draft_for(journal).added.push_back(journal);
    for (Draft& draft : drafts_) {
      if (!draft.touched()) continue;
      open(draft);
      if (!edit_list(draft.journals, draft.removed, draft.added)) return false;
    }
    return true;
  }

  EditedJournals finish() {
    join_small_drafts();
    EditedJournals result;
    std::size_t total = 0;
    for (const Draft& draft : drafts_)
      total += draft.ref ? draft.ref->count : draft.journals.size();
    if (total <= root_journals_max) {
      for (Draft& draft : drafts_) {
        open(draft);
        result.journals.insert(result.journals.end(), draft.journals.begin(), draft.journals.end());
      }
      std::sort(result.journals.begin(), result.journals.end());
    } else {
      for (Draft& draft : drafts_) write(draft, result);
      std::sort(result.pages.begin(), result.pages.end(),
                [](const PageRef& a, const PageRef& b) { return a.from < b.from; });
    }
    result.retired_pages = std::move(retired_);
    return result;
  }

 private:
  // The page that holds the journal: pages are in order of their first journal.
  Draft* find_home(const SealedJournal& journal) {
    for (Draft& draft : drafts_) {
      if (!draft.ref) return &draft;
      if (journal.from < draft.ref->from || journal.to > draft.ref->to) continue;
      auto page = load_page(context_, catalog_, *draft.ref);
      if (std::binary_search(page->journals.begin(), page->journals.end(), journal)) return &draft;
    }
    return nullptr;
  }

  // The page that begins last before the journal does.
  Draft& draft_for(const SealedJournal& journal) {
    Draft* best = &drafts_.front();
    for (Draft& draft : drafts_)
      if (draft.ref && draft.ref->from <= journal.from) best = &draft;
    return *best;
  }

  void open(Draft& draft) {
    if (!draft.ref) return;
    draft.journals = load_page(context_, catalog_, *draft.ref)->journals;
    retired_.push_back(page_key(*draft.ref));
    draft.ref.reset();
  }

  void join_small_drafts() {
    std::vector<Draft> joined;
    for (Draft& draft : drafts_) {
      std::size_t count = draft.ref ? draft.ref->count : draft.journals.size();
      if (count == 0) continue;
      if (!joined.empty()) {
        Draft& last = joined.back();
        std::size_t last_count = last.ref ? last.ref->count : last.journals.size();
        bool small = (!draft.ref && count < page_journals_min) ||
                     (!last.ref && last_count < page_journals_min);
        if (small && count + last_count <= page_journals_max) {
          open(last);
          open(draft);
          last.journals.insert(last.journals.end(), draft.journals.begin(), draft.journals.end());
          std::sort(last.journals.begin(), last.journals.end());
          continue;
        }
      }
      joined.push_back(std::move(draft));
    }
    drafts_ = std::move(joined);
  }

  void write(Draft& draft, EditedJournals& result) {
    if (draft.ref) {
      result.pages.push_back(*draft.ref);
      return;
    }
    // Even parts, each at most a page long and with room to grow.
    std::size_t count = draft.journals.size();
    std::size_t parts = (count + page_journals_max - 1) / page_journals_max;
    for (std::size_t part = 0; part < parts; ++part) {
      auto begin = draft.journals.begin() + static_cast<std::ptrdiff_t>(count * part / parts);
      auto end = draft.journals.begin() + static_cast<std::ptrdiff_t>(count * (part + 1) / parts);
      CatalogPage page{{begin, end}};
      PageRef ref = summarize(page.journals);
      ref.name = {epoch_, context_.make_token()};
      result.new_pages.emplace_back(page_key(ref), format::encode_catalog_page(page));
      result.pages.push_back(ref);
    }
  }

  const Context& context_;
  const Catalog& catalog_;
  std::uint64_t epoch_;
  std::vector<Draft> drafts_;
  std::vector<std::string> retired_;
};

// What `copy` makes of the journals of the range, in order.
template <typename Copy>
std::vector<SealedJournal> gather(const Context& context, const Catalog& catalog,
                                  std::optional<Timestamp> from, std::optional<Timestamp> to,
                                  const Copy& copy) {
  std::vector<SealedJournal> found;
  const auto take = [&](const std::vector<SealedJournal>& journals) {
    for (const SealedJournal& journal : journals)
      if (overlaps(journal.from, journal.to, from, to)) found.push_back(copy(journal));
  };
  take(catalog.journals);
  for (const PageRef& page : catalog.pages)
    if (overlaps(page.from, page.to, from, to)) take(load_page(context, catalog, page)->journals);
  if (!catalog.pages.empty()) std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::vector<SealedJournal> journals_between(const Context& context, const Catalog& catalog,
                                            std::optional<Timestamp> from,
                                            std::optional<Timestamp> to) {
  return gather(context, catalog, from, to,
                [](const SealedJournal& journal) { return journal.without_posts(); });
}

std::vector<SealedJournal> journals_at(const Context& context, const Catalog& catalog,
                                       Timestamp date) {
  std::optional<Timestamp> before;
  if (date > timestamp_min) before = date - std::chrono::microseconds{1};
  return gather(context, catalog, before, date,
                [](const SealedJournal& journal) -> const SealedJournal& { return journal; });
}

std::optional<EditedJournals> edit_journals(const Context& context, const Catalog& catalog,
                                            const JournalsEdit& edit, std::uint64_t epoch) {
  PagesEditor editor(context, catalog, epoch);
  if (!editor.apply(edit)) return std::nullopt;
  return editor.finish();
}

}  // namespace flashflood::engine

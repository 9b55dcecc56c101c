#include "engine/journal/seal_inputs.h"

#include <algorithm>

namespace flashflood::engine {

using format::EntryView;

namespace {

// How many of the pending single operations one commit takes: all revisions of an id together.
std::size_t choose_singles(const Head& head, const SealLimits& limits) {
  std::size_t chosen = 0;
  std::uint64_t bytes = 0;
  while (chosen < head.singles.size()) {
    std::size_t end = chosen;
    while (end < head.singles.size() && head.singles[end].name.id == head.singles[chosen].name.id)
      bytes += head.singles[end++].size;
    if (chosen > 0 && (end > limits.singles_max || bytes > limits.single_bytes_max)) break;
    chosen = end;
  }
  return chosen;
}

std::size_t choose_bulks(const Head& head, const SealLimits& limits) {
  std::size_t chosen = 0;
  std::uint64_t bytes = 0;
  while (chosen < std::min(head.bulks.size(), limits.bulks_max)) {
    bytes += head.bulks[chosen].size;
    if (chosen > 0 && bytes > limits.bulk_bytes_max) break;
    ++chosen;
  }
  return chosen;
}

Candidate candidate_of(const EntryView& entry, std::size_t input, std::size_t row) {
  return {IdHash::of(entry.id),
          entry.date,
          rank_of(entry),
          content_hash(entry),
          static_cast<std::uint32_t>(input),
          static_cast<std::uint32_t>(row)};
}

bool wins(const Candidate& a, const Candidate& b) {
  int ranks = compare_ranks(a.rank, b.rank);
  return ranks != 0 ? ranks > 0 : a.content < b.content;
}

}  // namespace

std::uint64_t pending_data_bytes(const format::JournalTail& tail) {
  std::uint64_t bytes = 0;
  for (const auto& block : tail.blocks()) bytes += block.raw_bytes;
  return bytes;
}

std::optional<SealInputs> open_inputs(const Context& context, const Head& head,
                                      const SealLimits& limits) {
  SealInputs inputs;
  const std::size_t singles = choose_singles(head, limits);
  auto read = read_singles(context, head, std::span(head.singles).first(singles),
                           [&](const PendingSingle& single) { inputs.ignored.push_back(&single); });
  if (!read) return std::nullopt;
  inputs.singles = std::move(*read);
  inputs.entries = inputs.singles.size();
  for (const SingleEntry& single : inputs.singles) inputs.data_bytes += single.entry.data.size();

  const std::size_t bulks = choose_bulks(head, limits);
  auto opened = open_bulks(context, head.catalog->fence, std::span(head.bulks).first(bulks), 0);
  if (!opened) return std::nullopt;
  inputs.all = singles == head.singles.size() && bulks == head.bulks.size();
  for (OpenBulk& bulk : *opened) {
    if (inputs.entries > 0 && inputs.entries + bulk.tail->entries() > limits.entries_max) {
      inputs.all = false;
      break;
    }
    inputs.entries += bulk.tail->entries();
    inputs.data_bytes += pending_data_bytes(*bulk.tail);
    inputs.bulks.push_back(std::move(bulk));
  }
  return inputs;
}

std::unique_ptr<JournalRun> run_of(const Context& context, std::uint64_t catalog,
                                   const SealInputs& inputs, std::size_t bulk) {
  const OpenBulk& open = inputs.bulks[bulk];
  std::size_t window =
      std::max(context.block_bytes, (std::size_t{32} << 20) / (inputs.bulks.size() + 1));
  auto run = std::make_unique<JournalRun>(
      context,
      JournalRun::Source{open.pending.key, catalog, open.tail, open.may_be_missing, open.whole},
      std::nullopt, std::nullopt, JournalRun::Reading{window});
  run->arrival = open.pending.arrival;
  return run;
}

std::vector<Candidate> read_candidates(const Context& context, std::uint64_t catalog,
                                       const SealInputs& inputs) {
  std::vector<std::vector<Candidate>> parts(inputs.bulks.size());
  parallel_for(*context.env.compute, inputs.bulks.size(), context.env.compute->width(),
               [&](std::size_t i) {
                 auto run = run_of(context, catalog, inputs, i);
                 for (std::size_t b = 0; b < run->size(); ++b) {
                   BlockPtr block = run->loader(b)();
                   if (!block) return;  // a twin of a sealed journal, collected
                   for (std::size_t row = 0; row < block->size(); ++row) {
                     EntryView entry = block->entry(row);
                     entry.order = run->arrival;
                     parts[i].push_back(candidate_of(entry, i, parts[i].size()));
                   }
                 }
               });
  std::vector<Candidate> all;
  all.reserve(inputs.entries);
  for (auto& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
    part = {};
  }
  for (std::size_t i = 0; i < inputs.singles.size(); ++i)
    all.push_back(candidate_of(inputs.singles[i].entry.view(), inputs.bulks.size() + i, 0));
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.id != b.id ? a.id < b.id : wins(a, b);
  });
  return all;
}

std::string read_id(const Context& context, std::uint64_t catalog, const SealInputs& inputs,
                    const Candidate& candidate) {
  if (candidate.input >= inputs.bulks.size())
    return inputs.singles[candidate.input - inputs.bulks.size()].entry.id;
  const OpenBulk& bulk = inputs.bulks[candidate.input];
  auto place = bulk.tail->place(candidate.row);
  auto block = read_intact(context, [&] {
    return format::decode_block(fetch_named(context, catalog, bulk.pending.key,
                                            blocks_range(*bulk.tail, place.block, place.block)),
                                bulk.tail->blocks()[place.block], bulk.pending.key);
  });
  return std::string(block->id(place.index));
}

}  // namespace flashflood::engine

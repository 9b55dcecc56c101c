// What one commit seals: choosing pending journals within bounds, opening them, reading them.
//
// Threads: pure functions, but for the store requests and the threads of the context.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "engine/read/snapshot.h"
#include "engine/state/rank.h"

namespace flashflood::engine {

// How much one commit seals: bounds its memory.
struct SealLimits {
  std::uint64_t entries_max = 1'000'000;
  std::uint64_t bulk_bytes_max = std::uint64_t{256} << 20;   // of pending bulk journals, as stored
  std::uint64_t single_bytes_max = std::uint64_t{64} << 20;  // of pending single operations
  std::size_t singles_max = 16'384;
  std::size_t bulks_max = 64;
  std::size_t journal_bytes = std::size_t{128} << 20;  // ids and data in one sealed journal
};

struct SealInputs {
  std::vector<SingleEntry> singles;
  std::vector<const PendingSingle*> ignored;  // late twins of sealed revisions: retired, not sealed
  std::vector<OpenBulk> bulks;
  bool all = true;  // everything that is pending
  std::uint64_t entries = 0;
  std::uint64_t data_bytes = 0;  // pending_data_bytes of all
};

// What a recorder's pending journal counts for where the data that is pending is counted: its
// blocks as they are when decoded.
std::uint64_t pending_data_bytes(const format::JournalTail& tail);

// Chooses and opens; nothing when one was collected meanwhile. Points into `head`.
std::optional<SealInputs> open_inputs(const Context& context, const Head& head,
                                      const SealLimits& limits);

// A run over one of the inputs' bulk journals.
std::unique_ptr<JournalRun> run_of(const Context& context, std::uint64_t catalog,
                                   const SealInputs& inputs, std::size_t bulk);

// An entry of an input, as far as deciding who wins needs it.
struct Candidate {
  IdHash id;
  Timestamp date{};
  Rank rank;
  std::uint64_t content = 0;  // content_hash
  std::uint32_t input = 0;    // a bulk journal; from bulks.size() on: a single operation
  std::uint32_t row = 0;      // in the bulk journal
};

// All entries of the inputs, in order of the hash of the id; of one id the winner first.
std::vector<Candidate> read_candidates(const Context& context, std::uint64_t catalog,
                                       const SealInputs& inputs);

// The id of a candidate, read from its input.
std::string read_id(const Context& context, std::uint64_t catalog, const SealInputs& inputs,
                    const Candidate& candidate);

}  // namespace flashflood::engine

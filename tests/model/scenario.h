// Scenario: one bounded situation that the model checker searches exhaustively.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace flashflood::model {

// Simpler rules that one would write first, or safeguards left out. A scenario may switch any of
// them on, and shows by the shortest trace why the protocol has another rule instead.
enum Simpler : std::uint32_t {
  put_blind = 1U << 0,          // a put with the caller's id creates revision 1 without a look-up
  dead_by_epoch = 1U << 1,      // pending objects stamped below the fence are dead
  sweep_dead = 1U << 2,         // the collector deletes those dead ones
  strict_late = 1U << 3,        // with dead_by_epoch: a late writer never acknowledges
  throw_away = 1U << 4,         // a journaler that failed or gave up deletes its outputs
  listed_is_there = 1U << 5,    // an input counts as still there while it is listed
  no_base_check = 1U << 6,      // no abort when a watermark has passed the own base
  drop_tombstones = 1U << 7,    // merging drops deleted ids with their tombstones
  fold_chain = 1U << 8,         // replay the revisions from 1 instead of taking the highest rank
  key_rank = 1U << 9,           // bulk against bulk by order of keys instead of arrival
  late_lease = 1U << 10,        // a lease may be written late while the fence has not passed it
  slow_listing = 1U << 11,      // a listing may last longer than a reader's span
  no_proof = 1U << 12,          // an old pending e- is not checked against the index
  no_second_look = 1U << 13,    // a late writer acknowledges without looking again
  early_prune = 1U << 14,       // a retired name leaves the catalog although the object is there
  no_after_check = 1U << 15,    // no look at the head after the catalog was created
  one_date_only = 1U << 16,     // journaling ignores the same id at another date
  missing_is_error = 1U << 17,  // a missing j- is an error even below the fence
  run_any_single = 1U << 18,    // losing single entries go into the new index run all the same
  rebase_single = 1U << 19,     // a rebase ignores that a higher revision was sealed since the base
  rebase_bulk = 1U << 20,       // a rebase ignores that a bulk id was sealed since at the same date
  renew_deletes = 1U << 21,     // a reader deletes its old lease when it has written the next one
  renew_late = 1U << 22,        // a reader that missed its renewal renews if the fence is below
  no_notice = 1U << 23,         // a reader goes on when it has not renewed in time
  now_late = 1U << 24,          // a journaler reads the store's time after it has listed the leases
  slow_look_up = 1U << 26,      // a look-up may last longer than the patience
  one_pass = 1U << 27,          // a reader lists recorders' journals once, however many pages
  slow_leases = 1U << 25,       // a listing of leases may last longer than a quarter of a term
};

enum class Expect : std::uint8_t { passes, violation };
// short_run ones run with the tests.
enum class Cost : std::uint8_t { short_run, long_run };

// Which dates the events get. Recorders write at date 0 unless stated.
enum class Dates : std::uint8_t {
  same,
  by_writer,        // A puts at date 0, B at date 1
  bulk_apart,       // single puts at date 1
  bulk_apart_once,  // the same, but replays are compared only once nothing bulk is pending
  recorders_apart,  // recorder 1 writes at date 1; compared as above
};
enum class Leases : std::uint8_t { none, endless, renewed };
// Whether two bulk entries may arrive in one tick of the store's clock, and if so whether the
// winner may change then.
enum class Ties : std::uint8_t { none, may_change, must_stay };
enum class Index : std::uint8_t {
  abstract,  // the index knows everything that is sealed
  runs,      // ordered runs, one for each sealing commit
  merged,    // and journalers merge adjacent runs
};
enum class Merges : std::uint8_t { none, all, any };

struct Scenario {
  std::string_view name;
  std::string_view about;
  std::uint32_t simpler = 0;
  Expect expect = Expect::passes;
  Cost cost = Cost::short_run;
  // Who takes part, and how much they may do.
  int ids = 1;
  int ops_a = 0;  // at most 2
  int ops_b = 0;
  int recorders = 0;   // at most 2, one object each
  int journalers = 1;  // at most 2
  int outputs = 0;     // sealed journals and index runs that may be written; at most 8
  int catalogs = 0;    // highest number
  int reads = 0;       // by the slow reader; an instant reader looks at every state anyway
  // What is modelled.
  Leases leases = Leases::none;
  Merges merges = Merges::none;  // of sealed journals
  Index index = Index::abstract;
  bool subsets =
      false;  // journalers may take in singles alone, bulk objects alone, or any one object
  Dates dates = Dates::same;
  Ties ties = Ties::none;
  bool slow_lookup = false;    // writers list in two pages
  bool bulk_pages = false;     // the journals of the two recorders come on two pages
  bool backwards = false;      // the pages of a listing, but for catalogs, come the other way round
  bool paused_delete = false;  // a second collector whose DELETE arrives later
  bool collect_catalogs = false;  // catalogs below the fence are deleted
  bool two_spans = false;         // patience and grace are different
  bool made_here = false;         // A's first put has an id that the library made
  bool lease_end_witness =
      false;  // reaching "the fence passed a lease that ended" is the violation
  // From one state in so many: faults over, does maintenance leave nothing behind? At most 6
  // outputs.
  int drain = 0;
  int lost = 0;          // PUTs of writers and recorders whose answer is lost
  int late = 0;          // PUTs that land at any later time
  int lost_catalog = 0;  // the same for catalogs
  int late_catalog = 0;
};

std::span<const Scenario> simpler_scenarios();   // and the stated exceptions
std::span<const Scenario> protocol_scenarios();  // all pass

}  // namespace flashflood::model

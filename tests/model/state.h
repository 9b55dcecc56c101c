// State: everything that decides what may happen next, as bytes without padding.
//
// An attempt to store an entry is a token: 0 and 1 are writer A's, 2 and 3 writer B's, 4 and 5 the
// recorders'. An object of the head is named by the token that made it; two tokens may mean the
// same key. Outputs (sealed journals and index runs) are numbered as they are written.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <type_traits>

namespace flashflood::model {

using Byte = std::uint8_t;
using Mask = std::uint8_t;  // a set of tokens, outputs or leases

inline constexpr int token_count = 6;
inline constexpr int single_count = 4;  // tokens of writers
inline constexpr int output_count = 8;
inline constexpr int catalog_count = 10;
inline constexpr int id_count = 2;
inline constexpr int revision_end = 5;
inline constexpr int run_count = 4;  // index runs in one catalog
inline constexpr int lease_count = 3;
inline constexpr Byte nobody = 0xff;
inline constexpr Mask single_tokens = 0x0f;
inline constexpr Mask bulk_tokens = 0x30;

constexpr Mask bit(int member) { return Mask(1U << unsigned(member)); }
constexpr bool holds(Mask set, int member) { return (set >> member & 1) != 0; }
constexpr Mask without(Mask set, Mask gone) { return Mask(set & ~gone); }

// for (int t : members(set))
class members {
 public:
  explicit constexpr members(unsigned set) : set_(set) {}
  struct Iterator {
    unsigned rest;
    constexpr int operator*() const { return __builtin_ctz(rest); }
    constexpr Iterator& operator++() {
      rest &= rest - 1;
      return *this;
    }
    constexpr bool operator!=(const Iterator& other) const { return rest != other.rest; }
  };
  constexpr Iterator begin() const { return {set_}; }
  constexpr Iterator end() const { return {0}; }

 private:
  unsigned set_;
};

enum Kind : Byte { put, update, erase };

struct Token {
  Byte id, revision, kind, date, epoch, arrival;
};

struct Catalog {
  Byte present, author, fence, swept;
  Mask named, retired_tokens, retired_outputs;
  Byte runs[run_count];  // output + 1, oldest first
};

enum WriterAt : Byte { writer_idle, writer_prepared, writer_unsure, writer_answered, writer_lists };
struct Writer {
  Byte at, ops, token, late, bulk_known, catalog;
  Mask page1;
  Byte id, kind;
};

enum RecorderAt : Byte {
  recorder_idle,
  recorder_prepared,
  recorder_unsure,
  recorder_checks,
  recorder_done
};
struct Recorder {
  Byte at, late;
};

enum JournalerAt : Byte {
  journaler_idle,
  journaler_leases,  // has the store's time and page 1 of the leases
  journaler_leased,  // has both pages of the leases
  journaler_lists,   // has page 1 of the head
  journaler_prepared,
  journaler_unsure,
  journaler_created
};
struct Journaler {
  Byte at, base, onto;  // the catalog of its listing, and the one that it commits on top of
  Mask pending, sealed, gone, gone_outputs;
  Byte output, run;  // run: nobody when there is none
  Byte fence, swept;
  Mask page1;
  Byte created, again;  // number of the catalog that it created; it had been collected before
  Mask leases_ended, leases_fresh, leases_seen;
};

enum ReaderAt : Byte {
  reader_idle,
  reader_lists,        // has page 1 of the head
  reader_lists_twice,  // has the whole listing, and lists the recorders' journals once more
  reader_lists_rest,   // has page 1 of these
  reader_reads,
  reader_leased
};
struct Reader {
  Byte at, catalog;
  Mask listed;
  Mask again;  // what the second listing of recorders' journals has shown so far
  Byte late, reads, lease;
  Byte floor[id_count];
};

enum LeaseIs : Byte { lease_absent, lease_fresh, lease_due, lease_ended };

enum DeleteOf : Byte { delete_nothing, delete_token, delete_output, delete_catalog };

struct State {
  Catalog catalog[catalog_count];
  Byte newest;
  Byte aged, patient;  // the grace, the patience has passed since this catalog appeared
  Token token[token_count];
  Mask present, late, landed;  // objects that exist; PUTs under way; tokens that ever existed
  Byte retired_at[token_count], output_retired_at[output_count];
  Mask content[output_count];  // of a journal its entries, of a run the winner of each id in it
  Mask hidden[output_count];   // bulk entries that a marker in this journal hides
  Byte output_epoch[output_count];
  Mask output_exists, output_is_run;
  Byte outputs_used;
  Byte late_catalog_on, late_catalog_number;
  Catalog late_catalog;
  Writer writer[2];
  Recorder recorder[2];
  Journaler journaler[2];
  Reader reader;
  Byte lease[lease_count];
  Mask lease_exists;
  Byte lease_catalog;
  Byte paused_delete, paused_key;
  Byte lost_left, late_left, lost_catalog_left, late_catalog_left;
  // Not of the system: what was acknowledged or shown so far.
  Byte decided[id_count][revision_end], bulk_decided[id_count], floor[id_count];
};
static_assert(std::is_trivially_copyable_v<State>);
static_assert(std::has_unique_object_representations_v<State>);

constexpr bool is_single(int token) { return token < single_count; }

}  // namespace flashflood::model

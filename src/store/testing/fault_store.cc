#include "store/testing/fault_store.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

using Kind = Request::Kind;

bool writes(Kind kind) { return kind == Kind::put || kind == Kind::put_if_absent; }

[[noreturn]] void fail(const Request& request, const char* how) {
  throw StoreUnavailable("injected fault: " + std::string(how) + " at request " +
                         std::to_string(request.number) + " (" + std::string(request.key) + ")");
}

// Throws for the faults that happen before anything is done.
void fail_before(const Request& request, Fault fault) {
  if (fault == Fault::request_lost) fail(request, "the request was lost");
  if (fault == Fault::permission_denied) {
    throw PermissionDenied("injected fault: permission denied (" + std::string(request.key) + ")");
  }
  if (fault == Fault::store_full && writes(request.kind)) {
    throw StoreFull("injected fault: the store is full (" + std::string(request.key) + ")");
  }
}

// And for those after it was done.
void fail_after(const Request& request, Fault fault) {
  if (fault == Fault::answer_lost) fail(request, "the answer was lost");
}

[[noreturn]] void fail_late(const Request& request) { fail(request, "the request is late"); }

// The same bit for the same request.
void flip_bit(Bytes& bytes, const Request& request) {
  if (bytes.empty()) return;
  const std::uint64_t where = xxh3(std::to_string(request.number) + std::string(request.key));
  char& byte = bytes[where % bytes.size()];
  byte = static_cast<char>(byte ^ (1 << (where >> 61)));
}

}  // namespace

FaultScript random_faults(std::shared_ptr<Random> random, const FaultRates& rates) {
  return [random = std::move(random), rates](const Request& request) {
    std::array<std::byte, 8> bytes;
    random->fill(bytes);
    std::uint64_t number;
    std::memcpy(&number, bytes.data(), sizeof(number));
    double draw = static_cast<double>(number >> 11) / static_cast<double>(1LL << 53);
    const bool reads = request.kind == Kind::get;
    const bool changes = writes(request.kind) || request.kind == Kind::remove;
    const struct {
      Fault fault;
      double rate;
    } table[] = {
        {Fault::request_lost, rates.request_lost},
        {Fault::answer_lost, rates.answer_lost},
        {Fault::request_late, changes ? rates.request_late : 0},
        {Fault::truncated_body, reads ? rates.truncated_body : 0},
        {Fault::flipped_bit, reads ? rates.flipped_bit : 0},
        {Fault::short_range, reads ? rates.short_range : 0},
        {Fault::partial_remove, request.kind == Kind::remove ? rates.partial_remove : 0},
        {Fault::store_full, writes(request.kind) ? rates.store_full : 0},
        {Fault::permission_denied, rates.permission_denied},
    };
    for (const auto& [fault, rate] : table) {
      if (draw < rate) return fault;
      draw -= rate;
    }
    return Fault::none;
  };
}

Fault FaultStore::decide(Request& request) {
  std::lock_guard lock(mutex_);
  request.number = requests_++;
  return script_ ? script_(request) : Fault::none;
}

void FaultStore::keep_late(std::function<void()> change) {
  std::lock_guard lock(mutex_);
  late_.push_back(std::move(change));
}

std::size_t FaultStore::deliver_late() {
  std::vector<std::function<void()>> late;
  {
    std::lock_guard lock(mutex_);
    late.swap(late_);
  }
  for (const auto& change : late) change();
  return late.size();
}

std::optional<ObjectPart> FaultStore::get(std::string_view key, ByteRange range) {
  Request request{Kind::get, key};
  const Fault fault = decide(request);
  fail_before(request, fault);
  if (fault == Fault::request_late) fail_late(request);
  if (fault == Fault::truncated_body) {
    std::optional<ObjectPart> whole = inner().get(key, ByteRange::whole());
    if (!whole) return whole;
    const std::uint64_t size = whole->bytes.size() / 2;
    const ByteSpan span = resolve_range(range, size);
    return ObjectPart{whole->bytes.substr(span.offset, span.length), size};
  }
  std::optional<ObjectPart> part = inner().get(key, range);
  fail_after(request, fault);
  if (part && fault == Fault::flipped_bit) flip_bit(part->bytes, request);
  if (part && fault == Fault::short_range) part->bytes.resize(part->bytes.size() / 2);
  return part;
}

void FaultStore::put(std::string_view key, BytesView bytes) {
  Request request{Kind::put, key, bytes.size()};
  const Fault fault = decide(request);
  fail_before(request, fault);
  if (fault == Fault::request_late) {
    keep_late([this, key = std::string(key), bytes = Bytes(bytes)] { inner().put(key, bytes); });
    fail_late(request);
  }
  inner().put(key, bytes);
  fail_after(request, fault);
}

PutOutcome FaultStore::put_if_absent(std::string_view key, BytesView bytes) {
  Request request{Kind::put_if_absent, key, bytes.size()};
  const Fault fault = decide(request);
  fail_before(request, fault);
  if (fault == Fault::request_late) {
    keep_late([this, key = std::string(key), bytes = Bytes(bytes)] {
      static_cast<void>(inner().put_if_absent(key, bytes));
    });
    fail_late(request);
  }
  const PutOutcome outcome = inner().put_if_absent(key, bytes);
  fail_after(request, fault);
  return outcome;
}

ListPage FaultStore::list(std::string_view prefix, std::string_view start_after,
                          std::size_t limit) {
  Request request{Kind::list, prefix};
  const Fault fault = decide(request);
  fail_before(request, fault);
  if (fault == Fault::request_late) fail_late(request);
  ListPage page = inner().list(prefix, start_after, limit);
  fail_after(request, fault);
  return page;
}

void FaultStore::remove(std::span<const std::string> keys) {
  Request request{Kind::remove, keys.empty() ? std::string_view() : keys.front()};
  const Fault fault = decide(request);
  fail_before(request, fault);
  if (fault == Fault::request_late) {
    keep_late([this, keys = std::vector<std::string>(keys.begin(), keys.end())] {
      inner().remove(keys);
    });
    fail_late(request);
  }
  if (fault == Fault::partial_remove) {
    inner().remove(keys.first(keys.size() / 2));
    fail(request, "the removal stopped half-way");
  }
  inner().remove(keys);
  fail_after(request, fault);
}

StoreTime FaultStore::now() {
  Request request{Kind::now, {}};
  const Fault fault = decide(request);
  fail_before(request, fault);
  if (fault == Fault::request_late) fail_late(request);
  const StoreTime time = inner().now();
  fail_after(request, fault);
  return time;
}

}  // namespace flashflood

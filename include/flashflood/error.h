// Errors of FlashFlood: one hierarchy, one class for each thing that a caller does about it.
//
// Every function of the library reports failure by throwing one of these (or std::bad_alloc).
// The message says what went wrong, with which object, and what to do; it never holds secrets.
//
// Threads: exceptions are values; copy and rethrow them freely.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace flashflood {

// Base of all errors.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The call itself is wrong (an empty id, a date out of range, ...): fix the arguments.
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

// A JMESPath expression cannot be parsed, or failed on a value: fix the expression.
class QueryError : public InvalidArgument {
 public:
  // The error kinds of the JMESPath specification. `limit` is ours: a bound on depth, steps or
  // output was reached.
  enum class Kind { syntax, unknown_function, invalid_arity, invalid_type, invalid_value, limit };
  static constexpr std::size_t no_column = static_cast<std::size_t>(-1);

  QueryError(Kind error_kind, const std::string& message, std::size_t error_column = no_column)
      : InvalidArgument(message), kind_(error_kind), column_(error_column) {}
  Kind kind() const noexcept { return kind_; }
  // Byte offset (from 0) of the mistake in the expression, or no_column.
  std::size_t column() const noexcept { return column_; }

 private:
  Kind kind_;
  std::size_t column_;
};

// put: the id exists already. The recorded event is unchanged.
class EventExists : public Error {
 public:
  using Error::Error;
};

// get, update, erase: there is no event of this id (or it was deleted).
class EventNotFound : public Error {
 public:
  using Error::Error;
};

// update or erase with expected_revision: the event has another revision; read it and decide again.
class RevisionConflict : public Error {
 public:
  using Error::Error;
};

// journal: fewer pending events or bytes than asked for; nothing was done.
class JournalingConditionNotMet : public Error {
 public:
  using Error::Error;
};

// The store does not answer, or says that it cannot serve the request now: try again later. Nothing
// that was acknowledged is affected. A change with an unknown outcome is OutcomeUnknown instead.
class StoreUnavailable : public Error {
 public:
  using Error::Error;
};

// The store is full (disk or quota): make room and try again. Nothing half-written is visible.
class StoreFull : public Error {
 public:
  using Error::Error;
};

// The change may or may not have happened: look (get), then decide. Repeating a put with the same
// id and data is always safe.
class OutcomeUnknown : public Error {
 public:
  using Error::Error;
};

// The caller requested a stop (StopScope, reports.h). A change may or may not have happened, as
// after OutcomeUnknown; a replay, query or recorder that was interrupted has ended.
class Interrupted : public Error {
 public:
  using Error::Error;
};

// A snapshot was read for longer than the flood keeps it: begin the replay again.
class SnapshotExpired : public Error {
 public:
  using Error::Error;
};

// The store refuses this user or path (permissions, a read-only folder), or the certificate of its
// server is not trusted here: fix the rights, or the trusted certificates.
class PermissionDenied : public Error {
 public:
  using Error::Error;
};

// There is no flood at this place and none was to be created, or something else is there.
class NotAFlood : public Error {
 public:
  using Error::Error;
};

// The flood was written by a newer version of FlashFlood: update the program.
class UnsupportedFormat : public Error {
 public:
  using Error::Error;
};

// The store cannot keep the promises (no put-if-absent, unknown scheme): use another store.
class StoreUnsuitable : public Error {
 public:
  using Error::Error;
};

// Stored bytes are not what was written: a flipped bit, a truncation, a missing object. The message
// names the object. Restore it from a backup; `flashflood verify` lists all that is affected.
class CorruptData : public Error {
 public:
  using Error::Error;
};

}  // namespace flashflood

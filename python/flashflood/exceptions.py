"""The errors of FlashFlood: one class for each thing that a caller does about it.

The names that begin with FlashFlood are those of the original package. Every message says what went
wrong, with which object, and what to do.
"""

__all__ = [
    "CorruptData",
    "FlashFloodEventExistsError",
    "FlashFloodEventNotFound",
    "FlashFloodException",
    "FlashFloodJournalUploadError",
    "FlashFloodJournalingError",
    "Interrupted",
    "InvalidArgument",
    "NotAFlood",
    "OutcomeUnknown",
    "PermissionDenied",
    "QueryError",
    "RevisionConflict",
    "SnapshotExpired",
    "StoreFull",
    "StoreUnavailable",
    "StoreUnsuitable",
    "UnsupportedFormat",
]


class FlashFloodException(Exception):
    """Base of all errors of FlashFlood."""


class FlashFloodEventExistsError(FlashFloodException):
    """put: the id is taken. The recorded event is as it was."""


class FlashFloodEventNotFound(FlashFloodException):
    """get, update, delete: there is no event of this id, or it was deleted."""


class FlashFloodJournalingError(FlashFloodException):
    """journal: fewer pending events or bytes than asked for; nothing was done."""


class FlashFloodJournalUploadError(FlashFloodException):
    """A journal without events. Never raised: FlashFlood writes none. For programs that catch it."""


class InvalidArgument(FlashFloodException, ValueError):
    """The call itself is wrong (an empty id, a date out of range): fix the arguments."""


class QueryError(InvalidArgument):
    """A JMESPath expression that cannot be parsed, or that failed on a value: fix the expression.

    kind is "syntax", "unknown-function", "invalid-arity", "invalid-type", "invalid-value" or "limit";
    column is the byte of the expression, from 0, at which it went wrong, or None.
    """

    def __init__(self, message: str, kind: str = "syntax", column: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.column = column

    def __reduce__(self) -> tuple[type["QueryError"], tuple[str, str, int | None]]:
        return type(self), (str(self), self.kind, self.column)


class RevisionConflict(FlashFloodException):
    """update or delete with expected_revision: the event has another one; read it, decide again."""


class StoreUnavailable(FlashFloodException):
    """The store does not answer, or cannot now: try again later. What was acknowledged is safe."""


class StoreFull(FlashFloodException):
    """The store is full (disk or quota): make room and try again. Nothing half-written is visible."""


class OutcomeUnknown(FlashFloodException):
    """The change may or may not have happened: look (get), then decide.

    Repeating a put with the same id and data is always safe.
    """


class Interrupted(FlashFloodException):
    """The replay was closed, by this thread or another one: begin another replay. Or the call was
    stopped."""


class SnapshotExpired(FlashFloodException):
    """A snapshot was read for longer than the flood keeps it: begin the replay again."""


class PermissionDenied(FlashFloodException):
    """The store refuses this user or path: fix the rights. Or the certificate of its server is not
    trusted here: name its authority."""


class NotAFlood(FlashFloodException):
    """There is no flood and none was to be created, or something else lies there."""


class UnsupportedFormat(FlashFloodException):
    """The flood was written by a newer version of FlashFlood: update the package."""


class StoreUnsuitable(FlashFloodException):
    """The store cannot keep the promises (no put-if-absent, unknown scheme): use another one."""


class CorruptData(FlashFloodException):
    """Stored bytes are not what was written. The message names the object; verify() lists all."""

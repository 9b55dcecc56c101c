"""Ids of journals, and of updates, as the original package writes them."""

from datetime import datetime
from enum import Enum
from typing import Self

from .util import datetime_from_timestamp, timestamp_now

__all__ = ["TOMBSTONE_SUFFIX", "JournalID", "JournalUpdateAction", "JournalUpdateID"]

# Behind the key of what was deleted in a bucket of the original. Here nothing ends with it.
TOMBSTONE_SUFFIX = ".dead"


class JournalUpdateAction(Enum):
    """What an update does."""

    UPDATE = "update"
    DELETE = "delete"


class JournalID(str):
    """<date of the first event>--<of the last>--<version>--<name>.

    The version of what was not journaled yet is "new".
    """

    DELIMITER = "--"

    @classmethod
    def make(cls, start_timestamp: str, end_timestamp: str, version: str, blob_id: str) -> Self:
        """The id of these parts; dates as datetime_to_timestamp writes them."""
        return cls(cls.DELIMITER.join((start_timestamp, end_timestamp, version, blob_id)))

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The id at the end of the key of an object."""
        return cls(key.rsplit("/", 1)[1])

    def _parts(self) -> list[str]:
        parts = self.split(self.DELIMITER)
        if len(parts) != 4:
            raise ValueError(f"{str(self)!r} is not the id of a journal: it has not four parts")
        return parts

    @property
    def start_date(self) -> datetime:
        """The date of the first event: naive, in UTC."""
        return datetime_from_timestamp(self._parts()[0])

    @property
    def end_date(self) -> datetime:
        """The date of the last event: naive, in UTC."""
        end = self._parts()[1]
        return self.start_date if end == "new" else datetime_from_timestamp(end)

    @property
    def version(self) -> str:
        """What tells journals of one range apart; "new" for what was not journaled yet."""
        return self._parts()[2]

    @property
    def blob_id(self) -> str:
        """The name of the journal."""
        return self._parts()[3]

    @property
    def range_prefix(self) -> str:
        """The two dates."""
        return self.rsplit(self.DELIMITER, 2)[0]


class JournalUpdateID(str):
    """<id of the journal, backwards>--<id of the event>--<date of the update>--<UPDATE or DELETE>.

    In a bucket of the original; here updates have no ids.
    """

    DELIMITER = "--"

    @classmethod
    def make(cls, journal_id: str, event_id: str, action: JournalUpdateAction) -> Self:
        """The id of an update made now."""
        parts = (journal_id[::-1], event_id, timestamp_now(), action.name)
        return cls(cls.DELIMITER.join(parts))

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The id at the end of the key of an object."""
        return cls(key.rsplit("/", 1)[1])

    def _parts(self) -> list[str]:
        # The id of the journal has delimiters in it.
        parts = self.rsplit(self.DELIMITER, 3)
        if len(parts) != 4:
            raise ValueError(f"{str(self)!r} is not the id of an update: it has not four parts")
        return parts

    @property
    def journal_id(self) -> JournalID:
        """The journal that the event was in."""
        return JournalID(self._parts()[0][::-1])

    @property
    def event_id(self) -> str:
        """The event that is changed."""
        return self._parts()[1]

    @property
    def timestamp(self) -> str:
        """When the update was made."""
        return self._parts()[2]

    @property
    def action(self) -> JournalUpdateAction:
        """What it does."""
        return JournalUpdateAction[self._parts()[3]]

    @staticmethod
    def prefix_for_journal(journal_id: str) -> str:
        """How the ids of all updates of a journal begin."""
        return journal_id[::-1]

"""Ids of journals as the original package shows them."""

from datetime import datetime

from .util import datetime_from_timestamp, datetime_to_timestamp

__all__ = ["JournalID"]


class JournalID(str):
    """<date of the first event>--<of the last>--<version>--<name>.

    The version of what was not journaled yet is "new".
    """

    DELIMITER = "--"

    @classmethod
    def make(cls, first: datetime, last: datetime, version: str, name: str) -> "JournalID":
        dates = (datetime_to_timestamp(date) for date in (first, last))
        return cls(cls.DELIMITER.join((*dates, version, name)))

    def _part(self, number: int) -> str:
        return self.split(self.DELIMITER)[number]

    @property
    def start_date(self) -> datetime:
        return datetime_from_timestamp(self._part(0))

    @property
    def end_date(self) -> datetime:
        return datetime_from_timestamp(self._part(1))

    @property
    def version(self) -> str:
        return self._part(2)

    @property
    def blob_id(self) -> str:
        return self._part(3)

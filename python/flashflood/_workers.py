"""Splits for engines that read a flood with many workers, as flashflood.ray and flashflood.dask."""

import datetime
import os

from . import _native
from ._split import Split
from .exceptions import StoreUnsuitable

_Date = datetime.datetime | str | None
_Duration = float | datetime.timedelta

# Small enough that a worker holds one decoded, and that the last ones to end do not take long.
_STORED_BYTES = 16 << 20
_COUNT_MIN = 64
_COUNT_MAX = 100_000


def splits_for_workers(
    flood: _native.Flood | str | os.PathLike[str],
    from_date: _Date,
    to_date: _Date,
    *,
    where: str | None,
    query: str | None,
    strict: bool,
    count: int | None,
    presign: _Duration | bool | None,
) -> list[Split]:
    """Splits of a flood, or of the flood at a URL.

    Without `count` there is one for each 16 MiB as stored, and at least 64; in any case fewer when
    there is too little to cut. `presign` is for how long they are presigned, True for an hour, False
    for not at all; None is an hour where the store can presign, else not at all.
    """
    opened = flood if isinstance(flood, _native.Flood) else _native.open(flood, create=False)
    if count is None:
        stored = sum(journal.object_bytes for journal in opened.journals(from_date, to_date))
        count = min(max(_COUNT_MIN, stored // _STORED_BYTES), _COUNT_MAX)

    def cut(presigned: _Duration | bool) -> list[Split]:
        return opened.splits(
            count, from_date, to_date, where=where, query=query, strict=strict, presign=presigned
        )

    if presign is not None:
        return cut(presign)
    try:
        return cut(True)
    except StoreUnsuitable:
        return cut(False)  # a folder

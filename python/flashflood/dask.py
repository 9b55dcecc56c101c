"""A flood as a Dask bag of events: every split is a partition.

    import flashflood.dask

    events = flashflood.dask.to_bag("s3://bucket/prefix", where="country == 'France'")
    events.map(flashflood.Event.json).pluck("quantity").sum().compute()

The workers need this package, and neither credentials nor settings: the splits that are sent to them
are presigned.
"""

import datetime
import os

try:
    import dask.bag
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"flashflood.dask needs Dask's bags ({missing}): pip install dask", name=missing.name
    ) from missing

from . import _native
from ._split import Split
from ._workers import splits_for_workers

__all__ = ["to_bag"]


def to_bag(
    flood: _native.Flood | str | os.PathLike[str],
    from_date: datetime.datetime | str | None = None,
    to_date: datetime.datetime | str | None = None,
    *,
    where: str | None = None,
    query: str | None = None,
    strict: bool = False,
    count: int | None = None,
    presign: float | datetime.timedelta | bool | None = None,
) -> dask.bag.Bag:
    """The events of a replay begun now, in its order.

    `flood` is a flood or its URL. Range, `where`, `query` and `strict` are those of Flood.replay.

    `count` is into how many splits it is cut; without it, one for each 16 MiB as stored and at least
    64. There are fewer when there is too little to cut. A worker holds the events of one.

    The splits are made here and now, so that a bag is of one moment however often it is computed.
    They are presigned for `presign` seconds; without it, for an hour where the store can presign, and
    not at all in a folder. False: not at all, and the workers read with what rights they have.
    """
    splits = splits_for_workers(
        flood,
        from_date,
        to_date,
        where=where,
        query=query,
        strict=strict,
        count=count,
        presign=presign,
    )
    return dask.bag.from_sequence(splits, partition_size=1).map_partitions(_events)


def _events(partition: list[Split]) -> list[_native.Event]:
    return [event for split in partition for event in _native.read_split(split)]

"""A flood as a dataset of Ray Data: every split is read by a task of its own, as Arrow blocks.

    import flashflood.ray

    dataset = flashflood.ray.read_flood("s3://bucket/prefix", where="country == 'France'")

The workers of the cluster need this package, and neither credentials nor settings: the splits that
are sent to them are presigned.
"""

import datetime
import functools
import os
from collections.abc import Iterable, Iterator
from typing import Any, Literal

try:
    import pyarrow
    import ray.data
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"flashflood.ray needs Ray Data ({missing}): pip install 'ray[data]'", name=missing.name
    ) from missing

from . import _native
from ._workers import splits_for_workers

__all__ = ["FloodDatasource", "read_flood"]

_Data = Literal["string", "binary"]


def read_flood(
    flood: _native.Flood | str | os.PathLike[str],
    from_date: datetime.datetime | str | None = None,
    to_date: datetime.datetime | str | None = None,
    *,
    where: str | None = None,
    query: str | None = None,
    strict: bool = False,
    count: int | None = None,
    presign: float | datetime.timedelta | bool | None = None,
    data: _Data = "string",
    **options: Any,
) -> ray.data.Dataset:
    """The events of a replay begun now, as a dataset with the columns id, date, revision and data.

    `flood` is a flood or its URL. Range, `where`, `query` and `strict` are those of Flood.replay.

    `count` is into how many splits it is cut; without it, one for each 16 MiB as stored and at least
    64. There are fewer when there is too little to cut.

    The splits are made here and now, so that a dataset is of one moment however often it is read.
    They are presigned for `presign` seconds; without it, for an hour where the store can presign, and
    not at all in a folder. False: not at all, and the workers read with what rights they have.

    `data` is "string", or "binary" for data that is not UTF-8. `options` are those of
    ray.data.read_datasource. Blocks come in any order unless the DataContext's
    execution_options.preserve_order is set.
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
    source = FloodDatasource(splits, data=data)
    options.setdefault("override_num_blocks", max(1, len(splits)))
    return ray.data.read_datasource(source, **options)


class FloodDatasource(Datasource):
    """Splits of any origin, for ray.data.read_datasource. A task for each of them."""

    def __init__(self, splits: Iterable[str], *, data: _Data = "string") -> None:
        super().__init__()
        self._splits = list(splits)
        self._data = data

    def estimate_inmemory_data_size(self) -> int | None:
        return None  # splits know only what is stored

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        if not self._splits:
            return [ReadTask(functools.partial(_none, self._data), unknown)]
        return [
            ReadTask(functools.partial(_blocks, split, self._data, per_task_row_limit), unknown)
            for split in self._splits
        ]


def _blocks(split: str, data: _Data, limit: int | None) -> Iterator[pyarrow.Table]:
    with _native.read_split(split, limit=limit) as replay:
        batches = pyarrow.RecordBatchReader.from_stream(replay.arrow(data=data))
        yield batches.schema.empty_table()  # so that it has columns, whatever it has of events
        for batch in batches:
            yield pyarrow.Table.from_batches([batch])


def _none(data: _Data) -> list[pyarrow.Table]:
    columns = {
        "id": pyarrow.string(),
        "date": pyarrow.timestamp("us", tz="UTC"),
        "revision": pyarrow.int64(),
        "data": pyarrow.binary() if data == "binary" else pyarrow.string(),
    }
    return [pyarrow.schema(columns).empty_table()]

"""FlashFlood: records events into an object store, and replays them.

    import flashflood

    flood = flashflood.open("events")            # a folder, s3://bucket/prefix or memory://name
    id = flood.put('{"amount": 3}')
    for event in flood.replay(where="amount > `2`"):
        print(event.date, event.json())
"""

from ._environment import refuse_original_beside

refuse_original_beside(__file__)  # before anything of the package, which may be the other one's

from . import exceptions
from ._native import (
    ArrowReplay,
    CollectReport,
    Event,
    Flood,
    FloodStats,
    ImportProblem,
    ImportReport,
    JournalInfo,
    JournalReport,
    QueryResult,
    Recorder,
    RecorderProgress,
    Replay,
    ReplayProgress,
    RequestReport,
    S3Credentials,
    S3Options,
    VerifyProblem,
    VerifyReport,
    open,
    read_split,
)
from ._split import Split
from .exceptions import (
    FlashFloodEventExistsError,
    FlashFloodEventNotFound,
    FlashFloodException,
    FlashFloodJournalingError,
    FlashFloodJournalUploadError,
)
from .identifiers import TOMBSTONE_SUFFIX
from .original import FlashFlood, JournalID, replay_event_stream
from .util import DateRange, S3Deleter, datetime_from_timestamp, datetime_to_timestamp
from .version import __version__

__all__ = [
    "TOMBSTONE_SUFFIX",
    "ArrowReplay",
    "CollectReport",
    "DateRange",
    "Event",
    "FlashFlood",
    "FlashFloodEventExistsError",
    "FlashFloodEventNotFound",
    "FlashFloodException",
    "FlashFloodJournalUploadError",
    "FlashFloodJournalingError",
    "Flood",
    "FloodStats",
    "ImportProblem",
    "ImportReport",
    "JournalID",
    "JournalInfo",
    "JournalReport",
    "QueryResult",
    "Recorder",
    "RecorderProgress",
    "Replay",
    "ReplayProgress",
    "RequestReport",
    "S3Credentials",
    "S3Deleter",
    "S3Options",
    "Split",
    "VerifyProblem",
    "VerifyReport",
    "__version__",
    "datetime_from_timestamp",
    "datetime_to_timestamp",
    "exceptions",
    "open",
    "read_split",
    "replay_event_stream",
]

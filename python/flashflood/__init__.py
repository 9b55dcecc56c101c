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
    Event,
    Flood,
    QueryResult,
    Recorder,
    Replay,
    S3Credentials,
    S3Options,
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
from .original import FlashFlood, JournalID, replay_event_stream
from .util import datetime_from_timestamp, datetime_to_timestamp

__version__ = "1.0.0"

__all__ = [
    "ArrowReplay",
    "Event",
    "FlashFlood",
    "FlashFloodEventExistsError",
    "FlashFloodEventNotFound",
    "FlashFloodException",
    "FlashFloodJournalUploadError",
    "FlashFloodJournalingError",
    "Flood",
    "JournalID",
    "QueryResult",
    "Recorder",
    "Replay",
    "S3Credentials",
    "S3Options",
    "Split",
    "datetime_from_timestamp",
    "datetime_to_timestamp",
    "exceptions",
    "open",
    "read_split",
    "replay_event_stream",
]

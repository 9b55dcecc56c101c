"""FlashFlood: records events into an object store, and replays them.

    import flashflood

    flood = flashflood.open("events")            # a folder, s3://bucket/prefix or memory://name
    id = flood.put('{"amount": 3}')
    for event in flood.replay(where="amount > `2`"):
        print(event.date, event.json())
"""

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

__version__ = "1.0.0"

__all__ = [
    "ArrowReplay",
    "Event",
    "Flood",
    "QueryResult",
    "Recorder",
    "Replay",
    "S3Credentials",
    "S3Options",
    "Split",
    "exceptions",
    "open",
    "read_split",
]

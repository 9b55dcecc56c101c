"""Events as the original package gives them."""

from datetime import datetime
from typing import NamedTuple

__all__ = ["Event"]


class Event(NamedTuple):
    """An event: its date is naive, in UTC."""

    event_id: str
    date: datetime
    data: bytes

"""The logger "flashflood": what the library does by itself, such as repeating a request.

The extension imports this when there is something to tell. Whoever configures no logging sees nothing.
"""

import logging

_logger = logging.getLogger("flashflood")
_logger.addHandler(logging.NullHandler())

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def tell(level: str, message: str) -> None:
    """Logs a record of the library."""
    _logger.log(_LEVELS[level], "%s", message)

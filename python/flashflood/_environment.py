"""Refuses an environment that this package shares with flash-flood, the original package.

Both have files of the same names: pip lets the one overwrite the other, and takes files of both away
when either is removed.
"""

import os

__all__ = ["refuse_original_beside"]


def refuse_original_beside(file: str) -> None:
    """ImportError when the original package is installed where this one is, with `file` in it."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(file)))
    # As importlib.metadata finds it, without the time that importing that takes.
    try:
        names = os.listdir(folder)
    except OSError:
        return  # no folder, as inside an archive: pip installs nothing there
    for name in names:
        if name.startswith("flash_flood-") and name.endswith((".dist-info", ".egg-info")):
            raise ImportError(
                f"flash-flood, the original package, is installed in {folder} too, and its files have "
                "the same names as those of flashflood. Remove it, and then install this one again: "
                "pip uninstall -y flash-flood && "
                "pip install --force-reinstall --no-deps WHEEL_OR_CHECKOUT_OF_FLASHFLOOD"
            )

"""Not the package: what Python finds in its place when flashflood/__init__.py is missing.

That is so when flash-flood, the original package of the same import name, was installed in the same
environment: removing it removes the files of its names, whosever they are.
"""

raise ImportError(
    "the package flashflood is not whole: files of it were removed together with flash-flood, the "
    "original package, whose files had the same names. Install it again: "
    "pip install --force-reinstall --no-deps WHEEL_OR_CHECKOUT_OF_FLASHFLOOD"
)

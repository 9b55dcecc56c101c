"""What says that an engine is not installed."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name, missing, wanted", [
    ("ray", "ray", "pip install 'ray[data]'"),
    ("ray", "pandas", "pip install 'ray[data]'"),
    ("dask", "dask", "pip install dask"),
    ("dask", "dask.bag", "pip install dask"),
])
def test_missing_engines_are_named(name, missing, wanted):
    program = (f"import sys; sys.modules[{missing!r}] = None\n"
               f"import flashflood\ntry: import flashflood.{name}\n"
               "except ModuleNotFoundError as error: print(error)")
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.startswith(f"flashflood.{name} needs ") and wanted in told.stdout
    assert missing in told.stdout

"""What says that an engine, or a library to build with, is not installed."""

import pathlib
import shutil
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


@pytest.mark.parametrize("source, missing, packages", [
    (".", ["fmt", "CURL", "CLI11"], ["libfmt-dev", "libcurl4-openssl-dev", "libcli11-dev"]),
    ("python", ["simdjson", "Python"], ["libsimdjson-dev", "python3-dev"]),
])
def test_missing_libraries_are_named_all_at_once(source, missing, packages, tmp_path):
    if not shutil.which("cmake"):
        pytest.skip("needs cmake")
    root = pathlib.Path(__file__).parents[2]
    done = subprocess.run(
        ["cmake", "-S", root / source, "-B", tmp_path, "-DFLASHFLOOD_BUILD_TESTS=OFF",
         *(f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in missing)],
        capture_output=True, text=True, check=False)
    assert done.returncode != 0
    [command] = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert set(packages) <= set(command.split())
    if source == "python":
        assert set(command.split()) == {"apt-get", "install", *packages}

"""The wheel, and the archive of the sources: what is in them, and that a wheel works wherever it is.

FLASHFLOOD_WHEELS is the folder with the wheel: that of the library of the build tree, or with `make
wheel` the one that was built with everything from an archive of the sources, which lies beside it.
"""

import email
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile

import pytest

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
WHEELS = os.environ["FLASHFLOOD_WHEELS"]
with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
    VERSION = tomllib.load(file)["project"]["version"]
# What every system with the distribution's packages has; docs/decisions/0001 lists the libraries.
SYSTEM_LIBRARIES = {"libc", "libm", "libstdc++", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64",
                    "libcrypto", "libcurl", "libfmt", "liblz4", "libpugixml", "libsimdjson", "libzstd"}


@pytest.fixture(scope="module")
def wheel():
    [name] = [name for name in os.listdir(WHEELS) if name.endswith(".whl")]
    return os.path.join(WHEELS, name)


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def extension(unpacked):
    return unpacked / "flashflood" / ("_native" + sysconfig.get_config_var("EXT_SUFFIX"))


def test_holds_the_package_and_nothing_else(unpacked):
    info = f"flashflood-{VERSION}.dist-info"
    files = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    sources = os.path.join(ROOT, "python", "flashflood")
    wanted = {f"flashflood/{name}" for name in os.listdir(sources) if name != "__pycache__"}
    assert {"flashflood/py.typed", "flashflood/_native.pyi"} <= wanted
    wanted |= {f"flashflood/{extension(unpacked).name}", "flashflood.py"}
    wanted |= {f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL")}
    wanted |= {f"{info}/licenses/{name}"
               for name in ("LICENSE", "NOTICE", "python/LICENSE.compiled-in")}
    assert files == wanted


def test_says_what_it_is(wheel, unpacked):
    [info] = unpacked.glob("*.dist-info")
    metadata = email.message_from_string((info / "METADATA").read_text(encoding="utf-8"))
    assert metadata["Name"] == "flashflood"
    assert metadata["Version"] == VERSION
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("Requires-Dist") is None
    assert metadata["Description-Content-Type"] == "text/markdown"
    tag = email.message_from_string((info / "WHEEL").read_text())["Tag"]
    python = "cp{}{}".format(*sys.version_info[:2])
    assert re.fullmatch(rf"{python}-{python}-(many)?linux\w+", tag)
    assert os.path.basename(wheel) == f"flashflood-{VERSION}-{tag}.whl"


def test_needs_nothing_of_where_it_was_built(unpacked):
    path = extension(unpacked)
    dynamic = subprocess.run(["readelf", "--dynamic", path], capture_output=True, text=True,
                             check=True).stdout
    assert "(RPATH)" not in dynamic and "(RUNPATH)" not in dynamic
    needed = re.findall(r"\(NEEDED\).*\[([^\]]+?)\.so", dynamic)
    assert "libcurl" in needed
    assert set(needed) <= SYSTEM_LIBRARIES
    content = path.read_bytes()
    for place in (ROOT, WHEELS, "/pip-"):
        assert place.encode() not in content


PROGRAM = """
import flashflood, importlib.metadata, json, os, sys
folder = sys.argv[1]
assert os.path.realpath(flashflood.__file__).startswith(os.path.realpath(sys.prefix)), flashflood
assert importlib.metadata.version("flashflood") == flashflood.__version__
flood = flashflood.open(folder)
with flood.recorder() as recorder:
    for number in range(1000):
        recorder.put(json.dumps({"number": number}), f"event-{number:04}")
flood.put('{"number": -1}', "single", "1999-01-01T00:00:00Z")
flood.journal()
again = flashflood.open(folder, create=False)
[event] = again.replay(to_date="2000-01-01T00:00:00Z")
assert (event.id, event.json()) == ("single", {"number": -1})
assert len(list(again.replay(where="number >= `0`").data())) == 1000
assert again.query("sum(events[].number)").value() == 499499
assert again.verify().problems == []
from flashflood import FlashFlood, aio, exceptions
try:
    flashflood.open("s3://bucket/prefix", s3=flashflood.S3Options(endpoint="http://127.0.0.1:9"), create=False,
                    retry_for=0)
except exceptions.FlashFloodException as error:
    print(type(error).__name__)
"""


def test_works_in_a_fresh_environment_that_was_moved(wheel, tmp_path):
    made, moved = tmp_path / "made", tmp_path / "moved"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    subprocess.run([sys.executable, "-m", "pip", "--python", made / "bin" / "python", "install",
                    "--quiet", "--disable-pip-version-check", "--no-index", wheel], check=True)
    made.rename(moved)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run([moved / "bin" / "python", "-I", "-c", PROGRAM, tmp_path / "flood"],
                          cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("StoreUnavailable", "PermissionDenied")


@pytest.fixture
def original(tmp_path):
    """A wheel like that of flash-flood 0.4.3: its names, and nothing in its files."""
    path = tmp_path / "flash_flood-0.4.3-py3-none-any.whl"
    info = "flash_flood-0.4.3.dist-info"
    files = {f"flashflood/{name}.py": "original = True\n"
             for name in ("__init__", "exceptions", "identifiers", "objects", "util")}
    files[f"{info}/METADATA"] = "Metadata-Version: 2.1\nName: flash-flood\nVersion: 0.4.3\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_the_original_in_the_same_environment(wheel, original, tmp_path):
    """Removing it takes files of ours along; so it is told about before, and after."""
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"

    def pip(*arguments):
        subprocess.run([sys.executable, "-m", "pip", "--python", python, "--quiet",
                        "--disable-pip-version-check", *arguments], check=True)

    def imported():
        done = subprocess.run([python, "-I", "-c", "import flashflood; print(flashflood.open)"],
                              cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else done.stderr.splitlines()[-1]

    def reinstall(message):
        """What the message says to do, but with the wheel that is here."""
        assert message.startswith("ImportError: "), message
        assert "pip install --force-reinstall --no-deps WHEEL_OR_CHECKOUT_OF_FLASHFLOOD" in message
        pip("install", "--no-index", "--force-reinstall", "--no-deps", wheel)

    pip("install", "--no-index", "--no-deps", original)
    pip("install", "--no-index", "--no-deps", wheel)
    both = imported()
    assert both.startswith("ImportError: flash-flood, the original package, is installed"), both
    assert "pip uninstall -y flash-flood && pip install" in both
    pip("uninstall", "-y", "flash-flood")
    reinstall(imported())
    assert "nanobind" in imported()
    # The other way round, the original is what is imported, until it is removed.
    pip("install", "--no-index", "--no-deps", original)
    assert "has no attribute 'open'" in imported()
    pip("uninstall", "-y", "flash-flood")
    reinstall(imported())
    assert "nanobind" in imported()


def test_the_archive_of_the_sources_is_whole(tmp_path):
    """What is built from it is another question, which `make wheel` answers."""
    archives = [name for name in os.listdir(WHEELS) if name.endswith(".tar.gz")]
    if archives:
        path = os.path.join(WHEELS, archives[0])
    else:
        program = f"import scikit_build_core.build as b; print(b.build_sdist({str(tmp_path)!r}))"
        name = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True,
                              text=True, check=True).stdout.splitlines()[-1]
        path = tmp_path / name
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tops = {name.partition("/")[0] for name in names}
    assert {"CMakeLists.txt", "LICENSE", "NOTICE", "PKG-INFO", "README.md", "cmake", "include",
            "pyproject.toml", "python", "src"} <= tops
    assert "build" not in tops
    for folder in ("src", "include", "python/src", "python/flashflood", "cmake"):
        for parent, _, files in os.walk(os.path.join(ROOT, folder)):
            if os.path.basename(parent) == "__pycache__":
                continue
            inside = os.path.relpath(parent, ROOT)
            assert {f"{inside}/{name}" for name in files} <= names

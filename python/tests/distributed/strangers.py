"""Processes that have no keys for the bucket. Those that are started import this."""

import os
import pathlib
import time
import urllib.error
import urllib.request


class WithoutKeys:
    """In this context the process has no settings of AWS, so that what it starts then has none either,
    and finds this module."""

    def __init__(self, home):
        self.home = home

    def __enter__(self):
        self.saved = dict(os.environ)
        for name in keys_in(self.saved):
            del os.environ[name]
        here = str(pathlib.Path(__file__).parent)
        os.environ["HOME"] = str(self.home)
        os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", here)])
        return self

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.saved)


def keys_in(environment):
    return sorted(name for name in environment if "AWS" in name or "S3" in name)


class Stranger:
    """Called in another process: fails unless that has no way to the bucket but what it is given, and
    waits until there are two of them at work."""

    def __init__(self, url, folder):
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self.object = f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}/{prefix}/flashflood.json"
        self.folder = pathlib.Path(folder)

    def __call__(self, given):
        found = keys_in(os.environ)
        assert not found, found
        assert not os.path.exists(os.path.expanduser("~/.aws"))
        try:
            urllib.request.urlopen(self.object)
        except urllib.error.HTTPError as error:
            assert error.code == 403, error
        else:
            raise AssertionError("the bucket is open to everybody")
        (self.folder / str(os.getpid())).touch()
        end = time.monotonic() + 120
        while len(self.processes()) < 2:
            assert time.monotonic() < end, "no second process came"
            time.sleep(0.05)
        return given

    def processes(self):
        return {int(path.name) for path in self.folder.iterdir()}

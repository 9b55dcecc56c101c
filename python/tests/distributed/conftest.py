"""A flood of real events in the bucket of FLASHFLOOD_TEST_S3_URL."""

import json
import os
import pathlib
import secrets

import pytest

import flashflood

from strangers import Stranger, WithoutKeys

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="session", autouse=True)
def server():
    if "FLASHFLOOD_TEST_S3_URL" not in os.environ:
        pytest.skip("needs an S3 server: tools/s3-server run -- pytest")


@pytest.fixture(scope="module")
def url():
    return f"{os.environ['FLASHFLOOD_TEST_S3_URL']}/distributed-{secrets.token_hex(6)}"


@pytest.fixture(scope="module")
def flood(url):
    """In blocks that are small enough to be cut into many splits; some events are not journaled."""
    lines = (EXAMPLES / "online-retail-sample.ndjson").read_text().splitlines()
    flood = flashflood.open(url, block_bytes=16 << 10)
    record(flood, lines[:-10])
    flood.delete("536365-1")
    flood.journal()
    record(flood, lines[-10:])
    yield flood
    flood.destroy()


def record(flood, lines):
    with flood.recorder() as recorder:
        for line in lines:
            event = json.loads(line)
            recorder.put(line, f"{event['invoice']}-{event['line']}", event["date"])


@pytest.fixture
def stranger(url, tmp_path):
    folder = tmp_path / "processes"
    folder.mkdir()
    return Stranger(url, folder)


@pytest.fixture(scope="module")
def without_keys(tmp_path_factory):
    return lambda: WithoutKeys(tmp_path_factory.mktemp("home"))

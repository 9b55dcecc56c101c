"""The original's API: the original itself and ours run the same programs, on a real S3 server.

The server is that of the AWS variables and FLASHFLOOD_TEST_S3_URL; the original 0.4.3 lies where
tools/setup python puts it.
"""

import json
import os
import subprocess
import sys

import pytest

if "FLASHFLOOD_TEST_S3_URL" not in os.environ:
    pytest.skip("needs an S3 server: tools/s3-server run -- pytest", allow_module_level=True)

import scenarios
from stage import BUCKET, Stage, day, make_resource

from flashflood import FlashFlood, replay_event_stream
from flashflood.exceptions import NotAFlood

HERE = os.path.dirname(os.path.abspath(__file__))
ORIGINAL = os.path.join(sys.prefix, "original")


def start(program, *arguments, original=False):
    environment = dict(os.environ, PYTHONPATH=ORIGINAL if original else "")
    return subprocess.Popen([sys.executable, "-B", os.path.join(HERE, program), *arguments],
                            env=environment, stdout=subprocess.PIPE, text=True)


def output(process):
    told, _ = process.communicate(timeout=200)
    assert process.returncode == 0
    return told.splitlines()


def outcomes_of(process):
    """Scenario -> outcome."""
    told = [json.loads(line) for line in output(process)]
    return {outcome["scenario"]: outcome for outcome in told}


@pytest.fixture(scope="module")
def ours():
    return outcomes_of(start("scenarios.py"))


@pytest.fixture(scope="module")
def originals():
    return outcomes_of(start("scenarios.py", original=True))


@pytest.fixture
def stage():
    stage = Stage()
    yield stage
    stage.clear()


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_ours_is_right(name, ours):
    assert ours[name]["right"], ours[name]["failure"]


# On radosgw. Some servers let it read an empty object.
@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_the_original_is_wrong(name, originals):
    assert not originals[name]["right"], "the original has no such fault: the scenario shows nothing"


def test_same_program_same_output_as_the_original():
    original, ours = (start("tour.py", original=original) for original in (True, False))
    assert output(ours) == output(original)


def test_bucket_of_the_original(stage):
    program = ("from stage import *\n"
               f"quiet(Stage({stage.prefix!r}).open().put, b'data', 'event')")
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([ORIGINAL, HERE]))
    subprocess.run([sys.executable, "-B", "-c", program], env=environment, check=True)
    flood = stage.open()
    for use in (lambda: flood.put(b"data"), lambda: flood.get_event("event"),
                lambda: list(flood.replay()), lambda: list(flood.list_journals())):
        with pytest.raises(NotAFlood, match="import-original"):
            use()


def test_streams_need_no_credentials(stage):
    flood = stage.open()
    scenarios.fill(flood, "a", "b", "c", "d")
    flood.journal(4)
    flood.update_event("c", b"new")
    streams = json.dumps(list(flood.list_event_streams(to_date=day(2))))
    program = ("import json, sys\n"
               "from flashflood import replay_event_stream\n"
               "print([tuple(event) for stream in json.load(sys.stdin)\n"
               "       for event in replay_event_stream(stream)])\n")
    environment = {name: value for name, value in os.environ.items() if "AWS" not in name}
    told = subprocess.run([sys.executable, "-c", program], env=environment, input=streams,
                          capture_output=True, text=True, check=True).stdout
    wanted = [tuple(event) for event in flood.replay(to_date=day(2))]
    assert told == f"{wanted}\n"
    assert [data for _, _, data in wanted] == [b"data of a", b"data of b", b"new"]


def test_stream_in_a_range(stage):
    flood = stage.open()
    scenarios.fill(flood, "a", "b", "c", "d")
    flood.journal(4)
    [stream] = flood.list_event_streams()
    assert [e.event_id for e in replay_event_stream(stream, day(0), day(2))] == ["b", "c"]
    assert list(replay_event_stream(stream, day(4))) == []
    with pytest.raises(ValueError, match="comes after"):
        next(replay_event_stream(stream, day(2), day(0)))
    with pytest.raises(ValueError, match="splits"):
        next(replay_event_stream({"stream_url": "http://localhost/", "events": []}))


def test_streams_are_cut_between_dates(stage):
    flood = stage.open()
    events = [(f"event{number:03}", os.urandom(40_000), day(number % 3)) for number in range(240)]
    recorder = flood._flood().recorder()
    with recorder:
        for event_id, data, date in events:
            recorder.put(data, event_id, date)
    flood._flood().journal(journal_bytes=1 << 20)
    assert len(list(flood.list_journals())) > 3
    found, begin = [], None
    for stream in flood.list_event_streams():
        found += replay_event_stream(stream, begin)
        begin = scenarios.datetime.strptime(stream["to_date"], "%Y-%m-%dT%H%M%S.%fZ")
    assert [event.event_id for event in found] == [
        event_id for event_id, _, date in sorted(events, key=lambda e: (e[2], e[0]))]


def test_asks_nothing_before_it_has_to():
    flood = FlashFlood(make_resource("http://127.0.0.1:9"), BUCKET, "prefix")
    flood.replay(), flood.list_journals(), flood.list_event_streams()


def test_reading_creates_nothing(stage):
    flood = stage.open()
    assert list(flood.replay()) == [] and not flood.event_exists("event")
    assert not list(stage.resource.Bucket(BUCKET).objects.filter(Prefix=stage.prefix))


def test_forked_processes(stage):
    flood = stage.open()
    flood.put(b"parent", "parent", day(0))
    child = os.fork()
    if child == 0:
        flood.put(b"child", "child", day(1))
        os._exit(0 if flood.get_event("parent").data == b"parent" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [event.event_id for event in flood.replay()] == ["parent", "child"]

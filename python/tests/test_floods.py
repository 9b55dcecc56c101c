"""Floods as objects: where they are, how they end, and how they travel."""

import asyncio
import datetime
import inspect
import json
import os
import pathlib
import pickle
import subprocess
import sys
import threading

import pytest

import flashflood
from flashflood import aio, exceptions
from flashflood.exceptions import InvalidArgument



# ---- places

def test_paths(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for given, wanted in [(tmp_path / "path", "path"), ("relative", "relative"),
                          (pathlib.Path("a/../relative"), "relative"), ("~/x", "home/x"),
                          (pathlib.Path("~/y"), "home/y"), ("./~", "~")]:
        flood = flashflood.open(given)
        assert flood.url == str(tmp_path / wanted) and (tmp_path / wanted).is_dir(), given
        flood.recorder().close()
        # A program that goes elsewhere finds it by its URL.
        assert flashflood.open(flood.url, create=False).url == flood.url
    assert flashflood.open(f"file://{tmp_path}/path").url == f"file://{tmp_path}/path"
    assert flashflood.open("memory://place").url == "memory://place"


def test_paths_that_are_not_utf_8(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff")
    flood = flashflood.open(pathlib.Path(os.fsdecode(path)))
    assert flood.url == os.fsdecode(path) and os.path.isdir(path)


@pytest.mark.parametrize("given, error, words", [
    (5, TypeError, "url is str or a path, not int"),
    (None, TypeError, "url is str or a path, not NoneType"),
    ("", InvalidArgument, "empty"),
    (pathlib.Path("s3://bucket/prefix"), InvalidArgument, "looks like a URL"),
])
def test_places_that_are_none(given, error, words):
    with pytest.raises(error, match=words):
        flashflood.open(given)


# ---- the end

def test_close():
    with flashflood.open("memory://close") as flood:
        flood.put("{}", "a")
        replay, recorder = flood.replay(), flood.recorder()
    for call in (lambda: flood.get("a"), lambda: flood.put("{}"), flood.stats, flood.replay):
        with pytest.raises(InvalidArgument, match="closed"):
            call()
    flood.close()
    assert flood.url == "memory://close" and "closed" in repr(flood)
    assert [event.id for event in replay] == ["a"]
    recorder.put("{}", "b")
    recorder.close()
    assert flashflood.open("memory://close").find("b") is not None


def test_closed_while_others_call(folder):
    flood = flashflood.open(folder)
    failures = []

    def work():
        try:
            while True:
                flood.put("{}")
        except InvalidArgument:
            pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    flood.close()
    for thread in threads:
        thread.join()
    assert failures == []


def test_in_a_forked_process(folder):
    flood = flashflood.open(folder)
    child = os.fork()
    if child == 0:
        right = repr(flood) == f"<flashflood.Flood {folder!r}>" and flood.url == folder
        try:
            flood.close()
        except InvalidArgument as error:
            os._exit(0 if right and "forked" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pickle.loads(pickle.dumps(flood)).url == folder


def test_closes_in_asyncio():
    async def use():
        async with await aio.open("memory://aio-close") as flood:
            await flood.put(json={"a": 1}, id="a")
            assert flood.url == "memory://aio-close" and "aio.Flood" in repr(flood)
            async with flood.recorder() as recorder:
                await recorder.put(json=None, id="b")
            assert await flood.update("a", json=[2]) == 2
            assert [bytes(event) async for event in await flood.replay()] == [b"[2]", b"null"]
        with pytest.raises(InvalidArgument, match="closed"):
            await flood.put("{}")

    asyncio.run(use())


def test_reprs_show_where_and_no_secret(folder):
    assert repr(flashflood.open(folder)) == f"<flashflood.Flood {folder!r}>"
    keys = flashflood.S3Credentials("key", "secret", "token")
    options = flashflood.S3Options(region="eu-west-1", credentials=keys, verify_tls=False)
    assert repr(options) == "S3Options(region='eu-west-1', verify_tls=False, credentials=...)"
    assert repr(flashflood.S3Options()) == "S3Options()"
    for shown in (repr(keys), repr(options)):
        assert "secret" not in shown.replace("S3", "") and "token" not in shown


# ---- pickling

def again(object):
    return pickle.loads(pickle.dumps(object))


def test_floods_travel(folder):
    flood = flashflood.open(folder, threads=1, compression="lz4", grace=100, patience=10)
    flood.put("{}", "a")
    assert again(flood).get("a") == flood.get("a") and again(flood).url == flood.url
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer).get('a').id)"
    told = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(flood),
                          capture_output=True, check=True).stdout
    assert told == b"a\n"
    gone = pickle.dumps(flashflood.open(folder, create=False))
    flood.destroy()
    with pytest.raises(exceptions.NotAFlood):
        pickle.loads(gone)


def test_options_of_floods_travel(folder):
    flood = again(flashflood.open(folder, grace=100, patience=10, lazy=True, retry_for=1.003))
    assert again(flood).__getstate__()["retry_for"] == datetime.timedelta(milliseconds=1003)
    assert flashflood.open(folder, lazy=True).__getstate__()["retry_for"] is None
    assert os.listdir(folder) == []  # lazy, so that nothing is created by now
    flood.put("{}")
    assert (flood.stats().grace, flood.stats().patience) == (100, 10)


def test_secrets_do_not_travel():
    keys = flashflood.S3Credentials("key-id", "the-secret", "the-token")
    options = flashflood.S3Options(endpoint="http://127.0.0.1:9", region="r", profile="p",
                                   addressing="path", anonymous=False, ca_bundle="ca.pem",
                                   verify_tls=True, credentials=keys, sse_c_key="secret-key")
    assert repr(options).endswith(", credentials=..., sse_c_key=...)")
    pickled = pickle.dumps(options)
    assert b"secret" not in pickled and b"token" not in pickled and b"key-id" not in pickled
    assert repr(pickle.loads(pickled)) == repr(options).replace(", credentials=..., sse_c_key=...", "")
    pickled = pickle.dumps(flashflood.open(
        "s3://bucket/prefix", lazy=True,
        s3=flashflood.S3Options(endpoint="https://127.0.0.1:9", credentials=lambda: keys,
                                sse_c_key="c2VjcmV0" * 5 + "c2U=")))
    assert b"127.0.0.1" in pickled and b"secret" not in pickled and b"token" not in pickled
    assert b"c2VjcmV0" not in pickled
    assert pickle.loads(pickled).url == "s3://bucket/prefix"


def test_what_does_not_travel_says_so(flood):
    with pytest.raises(TypeError, match="memory"):
        pickle.dumps(flood)
    keys = flashflood.S3Credentials("key", "secret")
    for object in (keys, flood.replay(), flood.recorder(), flood.query("events[0]")):
        with pytest.raises(TypeError):
            pickle.dumps(object)


def test_reports_events_and_splits_travel(flood, tmp_path):
    flood.put('{"a": 1}', "a", "2020-01-01T00:00:00Z")
    flood.journal()
    flood.put('{"a": 2}', "b", "2020-01-02T00:00:00Z")
    [split] = flood.splits(1)
    replay = flood.replay()
    list(replay)
    golden = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "original", "golden")
    with flood.recorder() as recorder:
        recorder.put("{}")
        recorded = recorder.progress
    objects = [flood.journal(), flood.stats(), flood.verify(), flood.collect_garbage(dry_run=True),
               flood.requests(), replay.progress, recorded, *flood.journals(),
               flood.import_original(golden), flood.get("a"), split]
    assert len({type(each) for each in objects}) == 11
    for each in objects:
        travelled = again(each)
        assert type(travelled) is type(each) and repr(travelled) == repr(each)
    assert again(objects[-3]).problems[0].names and again(split) == split
    assert "sealed_events=2" in repr(again(objects[0]))


# ---- data as JSON

VALUE = {"text": "ü\u2028\"", "list": [1, 2.5, None, True], "empty": {}}


def test_json(flood):
    id = flood.put(json=VALUE)
    assert bytes(flood.get(id)) == json.dumps(
        VALUE, separators=(",", ":"), ensure_ascii=False).encode()
    assert flood.put(json=None, id="null", date="2020-01-01T00:00:00Z") == "null"
    assert flood.get("null").json() is None
    assert flood.update("null", json=False, expected_revision=1) == 2
    with flood.recorder() as recorder:
        recorder.put(json=VALUE, id="recorded")
    assert flood.get("recorded").json() == VALUE


def test_json_that_is_none(flood):
    with flood.recorder() as recorder:
        for put in (flood.put, recorder.put, lambda *given, **named: flood.update("a", *given, **named)):
            with pytest.raises(TypeError, match="both"):
                put("{}", json={})
            with pytest.raises(TypeError, match="data is missing"):
                put()
            with pytest.raises(TypeError, match="data is str or bytes, not NoneType"):
                put(None)
            with pytest.raises(ValueError, match="JSON"):
                put(json=float("nan"))
            with pytest.raises(TypeError, match="JSON"):
                put(json={1, 2})
    assert list(flood.replay()) == []


# ---- arguments

def functions():
    """Every function that takes options, with as few arguments as it takes, and its object."""
    flood = flashflood.open("memory://arguments")
    split = flood.splits(1) or ["{}"]
    return {
        "open": (flashflood.open, ["memory://arguments"]),
        "read_split": (flashflood.read_split, split),
        "S3Options": (flashflood.S3Options, []),
        "S3Credentials": (flashflood.S3Credentials, ["a", "b"]),
        "Flood.put": (flood.put, ["{}"]),
        "Flood.get": (flood.get, ["a"]),
        "Flood.find": (flood.find, ["a"]),
        "Flood.update": (flood.update, ["a", "{}"]),
        "Flood.delete": (flood.delete, ["a"]),
        "Flood.recorder": (flood.recorder, []),
        "Flood.replay": (flood.replay, []),
        "Flood.query": (flood.query, ["events"]),
        "Flood.splits": (flood.splits, [1]),
        "Flood.refresh_splits": (flood.refresh_splits, [[]]),
        "Flood.journal": (flood.journal, []),
        "Flood.collect_garbage": (flood.collect_garbage, []),
        "Flood.verify": (flood.verify, []),
        "Flood.import_original": (flood.import_original, ["x"]),
        "Flood.journals": (flood.journals, []),
        "Recorder.put": (flood.recorder().put, ["{}"]),
    }


@pytest.mark.parametrize("name", functions())
def test_errors_name_the_argument(name):
    function, least = functions()[name]
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        if parameter.name == "json":
            continue  # takes any object; what is no JSON is json's to say
        given = list(least)
        named = {}
        if position < len(given):
            given[position] = object()
        else:
            named[parameter.name] = object()
        with pytest.raises(TypeError, match=rf"^{parameter.name}\b.* (is|are) .*object"):
            function(*given, **named)
    with pytest.raises(TypeError):
        function(*least, no_such_option=1)


def test_errors_of_values_name_the_argument(flood):
    for call, name in [(lambda: flood.replay(limit=-1), "limit"),
                       (lambda: flood.replay("yesterday"), "from_date"),
                       (lambda: flood.put("{}", "a", "yesterday"), "date"),
                       (lambda: flood.journal(journal_bytes=5), "journal_bytes"),
                       (lambda: flood.replay(poll=-1), "poll"),
                       (lambda: flashflood.open("memory://x", block_bytes=1), "block_bytes")]:
        with pytest.raises(InvalidArgument, match=rf"\b{name}\b"):
            call()


def public_callables():
    """Name -> what can be called, of the module and of its classes."""
    found = {}
    for name in flashflood.__all__:
        value = getattr(flashflood, name)
        if not callable(value):
            continue
        found[name] = value
        if inspect.isclass(value) and value.__module__ == "flashflood._native":
            found |= {f"{name}.{inner}": getattr(value, inner) for inner in vars(value)
                      if callable(getattr(value, inner)) and not inner.startswith("_")}
    return found


@pytest.mark.parametrize("name", public_callables())
def test_signatures(name):
    value = public_callables()[name]
    if inspect.isclass(value) and issubclass(value, BaseException | str):
        return  # as their bases, which have none either
    made_by_calls = {"Event", "S3Credentials", "S3Options"}
    if getattr(value, "__module__", "") == "flashflood._native" and inspect.isclass(value):
        if name not in made_by_calls:
            with pytest.raises(TypeError):
                value()
            return
    signature = inspect.signature(value)
    assert all(parameter.name for parameter in signature.parameters.values())


def test_signatures_of_functions():
    assert str(inspect.signature(flashflood.Flood.delete)) == (
        "(self, id: 'str', expected_revision: 'int | None' = None) -> 'None'")
    flood = flashflood.open("memory://signatures")
    assert list(inspect.signature(flood.put).parameters) == ["data", "id", "date", "json"]
    assert inspect.signature(flood.replay).parameters["poll"].default == 1.0
    assert inspect.signature(flashflood.S3Credentials).parameters["expires"].default is None
    assert inspect.signature(flashflood.Replay.arrow).parameters["data"].default == "string"


def test_progress_is_known_from_the_start(flood):
    with flood.recorder() as recorder:
        for number in range(1000):
            recorder.put(json=number)
    assert flood.replay().progress.entries_total == 1000
    told = []
    report = flood.journal(progress=lambda *each: told.append(each))
    assert told[0][:2] == (0, 1000) and told[-1][:2] == (1000, 1000)
    assert told[-1][2] == report.sealed_data_bytes > 0


@pytest.mark.skipif("FLASHFLOOD_COMMAND" not in os.environ, reason="needs the command")
def test_dates_are_those_of_the_command(folder):
    texts = ["2020-01-31T12:00:00Z", "2020-01-31 12:00:00.1234567+01:00", "2020-01-31t12:00:60z",
             "2020-01-31", "2020-01-31T12:00:00", "yesterday", "", "20200131T120000Z"]
    taken = 0
    for number, text in enumerate(texts):
        done = subprocess.run(
            [os.environ["FLASHFLOOD_COMMAND"], "--store", folder, "put", "--id", f"c{number}",
             f"--date={text}", "{}"], capture_output=True, check=False)
        try:
            flashflood.open(folder).put("{}", f"p{number}", text)
        except InvalidArgument:
            assert done.returncode != 0, text
        else:
            assert done.returncode == 0, text
            taken += 1
            flood = flashflood.open(folder)
            assert flood.get(f"c{number}").date == flood.get(f"p{number}").date
    assert 0 < taken < len(texts)

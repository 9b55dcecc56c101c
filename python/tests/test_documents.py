"""The Python of README.md and of docs/ does what it says."""

import json
import pathlib
import re

import pytest

import flashflood

ROOT = pathlib.Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "online-retail-sample.ndjson"


def blocks(name):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.DOTALL | re.MULTILINE)


def block_with(name, words):
    [block] = [block for block in blocks(name) if words in block]
    return block


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("retail") / "flood")
    with flashflood.open(folder).recorder() as recorder:
        for line in SAMPLE.read_text().splitlines():
            event = json.loads(line)
            recorder.put(line, f"{event['invoice']}-{event['line']}", event["date"])
    return folder


@pytest.mark.parametrize("name", ["README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_is_python(name):
    for number, block in enumerate(blocks(name), 1):
        compile(block, f"{name}, block {number}", "exec")


def test_readme(retail, capsys):
    exec(block_with("README.md", "flood.replay").replace("/tmp/retail", retail), {})
    expected = flashflood.open(retail).replay("2011-03-01T00:00:00Z", where="quantity > `10`")
    assert capsys.readouterr().out.splitlines() == [
        f"{event.date} {event.json()['description']}" for event in expected]


def test_tour(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(block_with("docs/python.md", 'flashflood.open("events")'), names)
    told = capsys.readouterr().out.splitlines()
    assert len(told[:9]) == 9 and all("{'number': 9999" in line for line in told[:9])
    assert sorted(told[9:]) == sorted(f"b'{number}'" for number in range(100_000))
    assert names["flood"].find("my-id") is None
    assert names["flood"].stats().sealed_entries > 100_000


def test_arrow(retail, capsys):
    names = {}
    exec(block_with("docs/arrow.md", "duckdb.sql").replace("s3://bucket/prefix", retail), names)
    assert names["table"].num_rows > 0 and set(names["table"].column_names) == {
        "id", "date", "revision", "data"}
    assert names["frame"].height == len(SAMPLE.read_text().splitlines())
    assert "United Kingdom" in capsys.readouterr().out

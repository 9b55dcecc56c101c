"""The Python of README.md and of docs/ does what it says."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from small_s3 import SmallS3

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


# What the blocks of docs/python.md take from the program around them.
AROUND = {
    "ask_the_vault": """
import collections, datetime
def ask_the_vault():
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return collections.namedtuple("Key", "id secret token expires")("key", "secret", None, ends)
""",
    "flashflood.ray": """
import ray
ray.init(num_cpus=2, object_store_memory=128 << 20, include_dashboard=False)
""",
    "train": "def train(table): return table\n",
    "my_date": "import datetime\nmy_date = datetime.datetime(2020, 1, 1)\n",
    "date_a": "import datetime\ndate_a = datetime.datetime(2019, 1, 1)\n",
    "date_b": "import datetime\ndate_b = datetime.datetime(2021, 1, 1)\n",
    "process": "process = print\n",
}
# What has to be so after a block, by words that are in it alone.
AFTER = {
    'flashflood.open("events")': """
again = flashflood.open("events")
assert again.find("my-id") is None and again.stats().sealed_entries > 100_000
""",
    "ask_the_vault": "assert flood.put('{}') and flood.url == 's3://bucket/prefix'\n",
    "flashflood.ray": "assert sales.count() > 0\n",
    "flashflood.dask": """
total = events.map(flashflood.Event.json).pluck("quantity").sum().compute(scheduler="sync")
assert total == flashflood.open("s3://bucket/prefix").query(
    "sum(events[?country == 'France'].quantity)").value() > 0
""",
    "boto3": "assert ff.get_event('my_event').data == b'{\"amount\": 3}'\n",
    "mapInArrow": "assert frame.count() > 0\n",
}


@pytest.fixture(scope="module")
def bucket():
    """The variables by which a program reaches a bucket in which prefix/ holds the sample."""
    bucket = SmallS3()
    environment = dict(os.environ, AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret",
                       PYSPARK_PYTHON=sys.executable, AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1",
                       AWS_ENDPOINT_URL=f"http://127.0.0.1:{bucket.server.server_port}")
    program = ("import flashflood, json, sys\n"
               "with flashflood.open('s3://bucket/prefix').recorder() as recorder:\n"
               "    for line in sys.stdin:\n"
               "        recorder.put(line, date=json.loads(line)['date'])\n")
    with open(SAMPLE, encoding="utf-8") as sample:
        subprocess.run([sys.executable, "-c", program], stdin=sample, env=environment, check=True)
    yield environment
    bucket.close()


@pytest.mark.parametrize("number", range(len(blocks("docs/python.md"))))
def test_each_block_of_the_package_s_page_runs(number, bucket, tmp_path):
    block = blocks("docs/python.md")[number]
    for missing in ("ray", "dask", "pyspark"):
        if f"{missing}" in block:
            pytest.importorskip(missing)
    script = "".join(code for name, code in AROUND.items() if re.search(rf"\b{name}\b", block))
    script += block.replace("https://s3.example.org", bucket["AWS_ENDPOINT_URL"])
    if 'journal(minimum_number_of_events=5000)' in script:  # the page has no 5000 events
        script = script.replace("journal(minimum_number_of_events=5000)",
                                "journal(minimum_number_of_events=1)")
    checks = [code for words, code in AFTER.items() if words in block]
    assert len(checks) == 1
    if "__main__" not in script:
        # Processes that a block starts import it.
        script = "if __name__ == '__main__':\n" + re.sub("^(?=.)", "    ", script + checks[0], flags=re.M)
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path,
                          env=dict(bucket, HOME=str(tmp_path)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, script + done.stdout + done.stderr
    if 'flashflood.open("events")' in block:
        told = done.stdout.splitlines()
        assert len(told[:9]) == 9 and all("{'number': 9999" in line for line in told[:9])
        assert sorted(told[9:]) == sorted(f"b'{number}'" for number in range(100_000))


def test_arrow(retail, capsys):
    names = {}
    exec(block_with("docs/arrow.md", "duckdb.sql").replace("s3://bucket/prefix", retail), names)
    assert names["table"].num_rows > 0 and set(names["table"].column_names) == {
        "id", "date", "revision", "data"}
    assert names["frame"].height == len(SAMPLE.read_text().splitlines())
    assert "United Kingdom" in capsys.readouterr().out

"""The examples with pyarrow, Polars and DuckDB run, on the sample of real events."""

import json
import pathlib
import subprocess
import sys

import pytest

import flashflood

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


@pytest.fixture
def retail(folder):
    with flashflood.open(folder).recorder() as recorder:
        for line in (EXAMPLES / "online-retail-sample.ndjson").read_text().splitlines():
            event = json.loads(line)
            recorder.put(line, f"{event['invoice']}-{event['line']}", event["date"])
    return folder


def run(name, *arguments):
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def french(folder):
    flood = flashflood.open(folder)
    return [event.json() for event in flood.replay(where="country == 'France'")]


def test_pyarrow(retail, tmp_path):
    output = run("arrow_pyarrow.py", retail, tmp_path / "sales.parquet").splitlines()
    assert output[0].startswith(f"{len(french(retail))} events of 2011-02-02 15:22:00+00:00 to ")
    assert output[1] == f"1898 events in {tmp_path / 'sales.parquet'}"


def test_polars(retail):
    months = {}
    for sale in french(retail):
        month = sale["date"][:7]
        months[month] = months.get(month, 0) + sale["quantity"] * sale["unit_price"]
    output = [line.split() for line in run("arrow_polars.py", retail).splitlines()]
    assert [month for month, _ in output] == sorted(months)
    assert all(abs(float(pounds) - months[month]) < 0.01 for month, pounds in output)


def test_duckdb(retail):
    pieces = {}
    for sale in french(retail):
        pieces[sale["stock_code"]] = pieces.get(sale["stock_code"], 0) + sale["quantity"]
    best = sorted(pieces.items(), key=lambda item: (-item[1], item[0]))[:3]
    assert run("arrow_duckdb.py", retail) == "".join(f"{article} {count}\n" for article, count in best)

"""Taking over a bucket of the original: the small one that tests/original keeps."""

import os
import shutil

import pytest

from flashflood import exceptions

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "original", "golden")


def test_every_event_and_a_report(flood):
    report = flood.import_original(GOLDEN)
    assert (report.recorded, report.journal_events, report.pending_events) == (7, 4, 5)
    assert (report.updates_applied, report.deletes_applied, report.duplicates) == (1, 1, 1)
    assert [(problem.reason, problem.count) for problem in report.problems] == [
        ("a manifest without its blob", 1)
    ]
    assert report.problems[0].names[0].startswith("journals/2019-11-09")
    assert report.source_requests.puts == 0
    assert {event.id: bytes(event.data) for event in flood.replay()} == {
        "event-1": b'{"updated": 1}',
        "event-2": b'{"updated": "then"}',
        "event-4": b'{"id":"event-4"}',
        "event-5": b'{"id":"event-5"}',
        "binary": b"\x00\xff\n",
        "empty": b"",
        "old": b'{"id":"old"}',
    }
    assert flood.import_original(GOLDEN).journals_done_before > 0


def test_refusals(flood, tmp_path):
    with pytest.raises(exceptions.FlashFloodException, match="nothing was recorded"):
        flood.import_original(GOLDEN, strict=True)
    with pytest.raises(exceptions.FlashFloodException, match="nothing of the original"):
        flood.import_original(str(tmp_path))
    assert list(flood.replay()) == []


def test_progress_and_an_error_in_it(flood, tmp_path):
    shutil.copytree(GOLDEN, tmp_path / "copy")
    seen = []
    flood.import_original(str(tmp_path / "copy"), progress=lambda *told: seen.append(told))
    assert seen[-1][:2] == (7, 7)

    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    with pytest.raises(Stop):
        flood.import_original(GOLDEN, progress=stop)

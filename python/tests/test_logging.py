"""The logger "flashflood"."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from small_s3 import SmallS3

import flashflood


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.DEBUG, logger="flashflood")
    return lambda: [(each.levelname, each.getMessage()) for each in caplog.records
                    if each.name == "flashflood"]


def test_commits(flood, told):
    flood.put("{}")
    assert told() == []
    flood.journal()
    [(level, message)] = told()
    assert level == "INFO" and "committed catalog" in message and "memory://" in message


def test_what_is_lost(flood, told):
    with pytest.raises(ZeroDivisionError), flood.recorder(eager=False) as recorder:
        recorder.put("{}")
        1 / 0
    [(level, message)] = told()
    assert level == "WARNING" and "1 may not be recorded" in message


def test_repetitions(told):
    bucket = SmallS3()
    try:
        flood = bucket.open()
        answer, failures = bucket.answer, [1, 2]

        def fail_first(method, *given):
            if method == "PUT" and failures:
                failures.pop()
                return 503, {}, bucket.error("SlowDown")
            return answer(method, *given)

        bucket.answer = fail_first
        flood.put("{}")
    finally:
        bucket.close()
    assert [level for level, _ in told()] == ["INFO", "INFO"]
    assert all("trying again in" in message and "key" not in message.split() for _, message in told())


def test_a_handler_that_calls_and_one_that_fails(flood, told, monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)

    class Handler(logging.Handler):
        def emit(self, record):
            flood.stats()  # calls the library
            raise RuntimeError("the handler's own")

    handler = Handler()
    logging.getLogger("flashflood").addHandler(handler)
    try:
        flood.put("{}")
        assert flood.journal().commits == 1
    finally:
        logging.getLogger("flashflood").removeHandler(handler)
    assert [str(each.exc_value) for each in unraisable] == ["the handler's own"]


def test_control_c_while_a_handler_works(flood):
    class Handler(logging.Handler):
        def emit(self, record):
            signal.raise_signal(signal.SIGINT)

    handler, logger = Handler(logging.INFO), logging.getLogger("flashflood")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    flood.put("{}")
    try:
        with pytest.raises(KeyboardInterrupt):
            flood.journal()
            time.sleep(10)
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)


def test_many_threads(flood, told):
    def work():
        for _ in range(5):
            flood.put("{}")
            flood.journal()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told()) > 0 and {level for level, _ in told()} == {"INFO"}


def test_nothing_is_printed_and_logging_is_not_imported_before_it_is_needed(tmp_path):
    program = ("import sys, flashflood\n"
               "assert 'logging' not in sys.modules\n"
               f"flood = flashflood.open({str(tmp_path / 'flood')!r})\n"
               "flood.put('{}'); flood.journal()\n"
               "recorder = flood.recorder(eager=False); recorder.put('{}')\n"
               "recorder.__exit__(ValueError, ValueError(), None)\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""


def test_in_a_forked_process(folder):
    child = os.fork()
    if child == 0:
        records = []
        logger = logging.getLogger("flashflood")
        logger.setLevel(logging.INFO)
        handler = logging.Handler()
        handler.emit = records.append
        logger.addHandler(handler)
        flood = flashflood.open(folder)
        flood.put("{}")
        flood.journal()
        os._exit(0 if len(records) == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

"""The end of a program while other threads are in calls: it comes soon, and with exit status 0."""

import os
import subprocess
import sys
import time

import pytest

BEGIN = """
import asyncio, socket, sys, threading, time
import flashflood
from flashflood import aio

flood = flashflood.open("memory://x")
with flood.recorder() as recorder:
    for number in range(20_000):
        recorder.put('{"n": %d}' % number, f"e{number}")

def daemon(call):
    def work():
        while True:
            call()
    threading.Thread(target=work, daemon=True).start()

def each(iterable):
    for _ in iterable:
        pass

def silent_server():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(50)
    held = []
    def accept():
        while True:
            held.append(server.accept()[0])
    threading.Thread(target=accept, daemon=True).start()
    return flashflood.S3Options(
        endpoint=f"http://127.0.0.1:{server.getsockname()[1]}", region="us-east-1",
        addressing="path", credentials=flashflood.S3Credentials("a", "b"))
"""

CALLS = {
    "find": "daemon(lambda: flood.find('e1'))",
    "get and json": "daemon(lambda: flood.get('e1').json())",
    "put": "daemon(lambda: flood.put('{}'))",
    "update": "daemon(lambda: flood.update('e1', '{}'))",
    "replay": "daemon(lambda: each(flood.replay()))",
    "data": "daemon(lambda: each(flood.replay().data()))",
    "follow": "daemon(lambda: each(flood.replay(follow=True, poll=0.01)))",
    "query": "daemon(lambda: flood.query('sum(events[].n)').value())",
    "recorder": "daemon(lambda: [recorder.put('{}') for recorder in [flood.recorder()]])",
    "flush": "recorder = flood.recorder()\ndaemon(lambda: (recorder.put('{}'), recorder.flush()))",
    "progress": "daemon(lambda: flood.verify(progress=lambda *told: sum(range(1000))))",
    "dates": "import datetime\n"
             "class Zone(datetime.tzinfo):\n"
             "    def utcoffset(self, date):\n"
             "        return datetime.timedelta(hours=len([0 for _ in range(5)]))\n"
             "daemon(lambda: each(flood.replay(datetime.datetime(2020, 1, 1, tzinfo=Zone()), limit=1)))",
    "splits": "splits = flood.splits(2)\n"
              "daemon(lambda: flood.refresh_splits(split for split in splits))",
    "arrow": "import pyarrow\ndaemon(lambda: pyarrow.table(flood.replay().arrow()))",
    "several": "for _ in range(4):\n"
               "    daemon(lambda: flood.find('e1'))\n    daemon(lambda: each(flood.replay()))",
    "a shared replay": "replay = flood.replay(follow=True, poll=0.01)\n"
                       "for _ in range(3): daemon(lambda: each(replay))",
    "a store that stalls": "other = flashflood.open('s3://bucket/x', s3=silent_server(), lazy=True)\n"
                           "daemon(lambda: other.put('{}'))",
    "credentials": "def ask():\n"
                   "    time.sleep(0.001)\n"
                   "    return flashflood.S3Credentials('a', 'b', expires='2000-01-01T00:00:00Z')\n"
                   "s3 = flashflood.S3Options(endpoint='http://127.0.0.1:1', region='r',"
                   " credentials=ask)\n"
                   "other = flashflood.open('s3://bucket/x', s3=s3, lazy=True)\n"
                   "def try_it():\n"
                   "    try: other.find('e1')\n"
                   "    except flashflood.exceptions.FlashFloodException: pass\n"
                   "daemon(try_it)",
}


def run(program, times=1):
    """How long the last thing takes after the program has printed, for each run."""
    durations = []
    for _ in range(times):
        process = subprocess.Popen([sys.executable, "-c", BEGIN + program],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline() == "ends\n", process.stderr.read()
            began = time.monotonic()
            _, errors = process.communicate(timeout=60)
            durations.append(time.monotonic() - began)
        finally:
            process.kill()
        assert (process.returncode, errors) == (0, "")
    return durations


@pytest.mark.parametrize("name", CALLS)
def test_a_daemon_thread_is_in_a_call(name):
    program = CALLS[name] + "\ntime.sleep(0.3)\nprint('ends', flush=True)\n"
    times = int(os.environ.get("FLASHFLOOD_EXIT_RUNS", "2"))
    assert max(run(program, times)) < 5


def test_the_main_thread_calls_at_the_end():
    program = (
        "import atexit\n"
        "daemon(lambda: flood.find('e1'))\n"
        "@atexit.register\n"
        "def last():\n"
        "    assert len(list(flood.replay())) == 20_000\n"
        "class Late:\n"
        "    def __init__(self):\n"
        "        self.flood, self.replay = flood, flood.replay()\n"
        "        self.write = sys.stdout.write\n"
        "    def __del__(self):\n"
        "        assert next(self.replay).id and self.flood.find('e1').id == 'e1'\n"
        "        self.replay.close()\n"
        "        self.write('last\\n')\n"
        "late = Late()\n"
        "del recorder, each, daemon\n"
        "sys.modules['kept'] = late\n"
        "del late\n"
        "time.sleep(0.2)\n"
        "print('ends', flush=True)\n"
    )
    process = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True,
                             timeout=60, check=False)
    assert (process.returncode, process.stderr, process.stdout) == (0, "", "ends\nlast\n")


def test_a_coroutine_has_given_up():
    program = (
        "async def main():\n"
        "    other = await aio.open('s3://bucket/prefix', s3=silent_server(), lazy=True)\n"
        "    try:\n"
        "        await asyncio.wait_for(other.put('x'), 0.3)\n"
        "    except TimeoutError:\n"
        "        print('ends', flush=True)\n"
        "asyncio.run(main())\n"
    )
    assert max(run(program)) < 5


def test_coroutines_were_left_alone():
    program = (
        "async def main():\n"
        "    other = await aio.open('s3://bucket/prefix', s3=silent_server(), lazy=True)\n"
        "    asyncio.ensure_future(other.put('x'))\n"
        "    opened = await aio.open('memory://x')\n"
        "    replay = await opened.replay(follow=True, poll=30)\n"
        "    asyncio.ensure_future(anext(replay))\n"
        "    await asyncio.sleep(0.3)\n"
        "    print('ends', flush=True)\n"
        "asyncio.run(main())\n"
    )
    assert max(run(program)) < 5

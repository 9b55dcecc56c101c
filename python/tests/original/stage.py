"""A flood of the original's API in a bucket of a real server, for programs that run on either one.

Which `flashflood` it is, ours or the original 0.4.3, is decided by who set PYTHONPATH. The bucket is
that of FLASHFLOOD_TEST_S3_URL, at the endpoint of the AWS variables.
"""

import asyncio
import contextlib
import io
import os
import secrets
import signal
import sys
import threading
import traceback
from datetime import datetime, timedelta

import boto3
import botocore.config

from flashflood import FlashFlood

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.append(os.path.join(ROOT, "tests", "s3", "proxy"))

from relay import BUFFER, Lost, Relay  # noqa: E402

BUCKET = os.environ["FLASHFLOOD_TEST_S3_URL"].removeprefix("s3://").partition("/")[0]


def day(number):
    return datetime(2020, 1, 1) + timedelta(days=number)


# It keeps the models that it has read; making resources of it is for one thread at a time.
SESSION = boto3.session.Session()
SESSION_LOCK = threading.Lock()


def make_resource(endpoint=None, page=None):
    """A boto3 resource; with `page`, boto3's listings come in pages of so many keys."""
    with SESSION_LOCK:
        resource = SESSION.resource(
            "s3", endpoint_url=endpoint or os.environ["AWS_ENDPOINT_URL"],
            config=botocore.config.Config(s3={"addressing_style": "path"},
                                          signature_version="s3v4"))
    if page:
        resource.meta.client.meta.events.register(
            "before-parameter-build.s3.ListObjects",
            lambda params, **_: params.update(MaxKeys=page))
    return resource


class Stage:
    """One flood in a prefix of its own. open() is one more machine that works on it."""

    def __init__(self, prefix=None):
        self.prefix = prefix or f"original-{secrets.token_hex(6)}"
        self.resource = make_resource()

    def open(self, **options):
        resource = make_resource(**options) if options else self.resource
        return FlashFlood(resource, BUCKET, self.prefix)

    def replay(self, *dates):
        """(id, data) of what a replay gives, in its order."""
        return [(event.event_id, event.data) for event in quiet(list, self.open().replay(*dates))]

    def killed_before_change(self, number, act):
        """Runs act(flood) in a process that is killed when it is about to send its `number`th
        request that changes the store. False: it ended before that."""
        with KillingProxy(os.environ["AWS_ENDPOINT_URL"], number) as proxy:
            child = os.fork()
            if child == 0:
                self.act_and_exit(act, proxy.url)
            proxy.victim = child
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if code not in (0, -signal.SIGKILL):
                raise AssertionError(f"the process failed by itself ({code})")
            return code != 0

    def act_and_exit(self, act, endpoint):
        try:
            quiet(act, self.open(endpoint=endpoint))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def clear(self):
        self.resource.Bucket(BUCKET).objects.filter(Prefix=self.prefix + "/").delete()


class KillingProxy(Relay):
    """Between a client, a child of this process, and the server: kills it at a request of its."""

    def __init__(self, endpoint, number):
        host, port = endpoint.removeprefix("http://").split(":")
        super().__init__(host, int(port), 0, {})
        self.left = number
        self.victim = None
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    async def outcome(self, fate, request, method, upstream):
        if method not in (b"GET", b"HEAD"):
            self.left -= 1
            if self.left <= 0:
                while self.victim is None:
                    await asyncio.sleep(0.001)
                os.kill(self.victim, signal.SIGKILL)
                raise Lost
        return await super().outcome(fate, request, method, upstream)

    async def run(self):
        self.loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=BUFFER)
        self.url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.over.wait()
        server.close()

    def __enter__(self):
        self.thread.start()
        self.ready.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()


def quiet(function, *arguments):
    """The original tells on stdout what it does."""
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments)

"""The proxy itself: forwards each request as it came, the Host field too, so that signatures hold."""

import asyncio
import collections
import contextlib
import socket
import struct

import http1
from faults import KINDS, Oracle, kind_of

BUFFER = 1 << 20
LAST = 1000
ERRORS = {
    "error_500": (b"500 Internal Server Error", "InternalError"),
    "answer_lost": (b"500 Internal Server Error", "InternalError"),
    "slow_down": (b"503 Slow Down", "SlowDown"),
    "slow_down_empty": (b"503 Slow Down", None),
    "too_many": (b"429 Too Many Requests", "TooManyRequests"),
    "conflict": (b"409 Conflict", "ConditionalRequestConflict"),
    "error_in_200": (b"200 OK", "InternalError"),
}


def error_answer(fault):
    status, code = ERRORS[fault]
    body = b""
    if code:
        body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
                "<Message>By the fault proxy.</Message></Error>").encode()
    return http1.Message(b"HTTP/1.1 " + status, [(b"content-type", b"application/xml")], body)


class Lost(Exception):
    """The client's connection is reset."""


class Counts:
    def __init__(self):
        self.kinds = {kind: {"requests": 0, "bytes_in": 0, "bytes_out": 0} for kind in KINDS}
        self.faults = {}
        self.last = collections.deque(maxlen=LAST)  # first line of each request, and its fault

    def request(self, kind, request, fault):
        self.kinds[kind]["requests"] += 1
        self.kinds[kind]["bytes_in"] += len(request.body)
        self.last.append((request.first_line.decode("latin-1"), fault))
        if fault:
            self.faults[fault] = self.faults.get(fault, 0) + 1


class Upstream:
    """A connection to the server, used again for one client's requests."""

    def __init__(self, host, port):
        self.address = host, port
        self.streams = None

    async def exchange(self, request, method):
        """The server's answer. A request is never sent twice: OSError tells that it may be lost."""
        if self.streams and self.streams[0].at_eof():
            self.close()  # the server had closed it before this request
        if not self.streams:
            self.streams = await asyncio.open_connection(*self.address, limit=BUFFER)
        reader, writer = self.streams
        try:
            bodiless = not request.body and method in (b"GET", b"HEAD")
            writer.write(request.encode(length=-1 if bodiless else None))
            await writer.drain()
            answer = await http1.read_answer(reader, method)
        except asyncio.IncompleteReadError as error:
            self.close()
            raise ConnectionResetError("the server's answer ended early") from error
        if answer is None:
            self.close()
            raise ConnectionResetError("the server closed the connection")
        if answer.closes():
            self.close()
        return answer

    def close(self):
        if self.streams:
            self.streams[1].close()
            self.streams = None


class Relay:
    def __init__(self, host, port, seed, rules):
        self.host, self.port = host, port
        self.seed = seed
        self.oracle = Oracle(seed, rules)
        self.counts = Counts()
        self.later = set()

    def set_rules(self, rules):
        self.oracle = Oracle(self.seed, rules)

    async def serve(self, reader, writer):
        """One client connection."""
        upstream = Upstream(self.host, self.port)
        writer.transport.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while (request := await http1.read_request(reader, writer)) is not None:
                if not await self.answer(request, upstream, writer):
                    break
        except (Lost, http1.Malformed, ValueError, OSError, asyncio.IncompleteReadError):
            self.reset(writer)
        finally:
            upstream.close()
            writer.close()

    @staticmethod
    def reset(writer):
        with contextlib.suppress(OSError):
            writer.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def answer(self, request, upstream, writer):
        """True when another request may follow on the connection."""
        method, target, _ = request.first_line.split(b" ", 2)
        kind = kind_of(method.decode(), target.decode())
        fate = self.oracle.fate(kind, request.get(b"if-none-match") is not None)
        self.counts.request(kind, request, fate.fault)
        answer = await self.outcome(fate, request, method, upstream)
        encoded = answer.encode(self.length_told(method, answer))
        self.counts.kinds[kind]["bytes_out"] += len(answer.body)
        if fate.fault in ("truncated", "stall_body") and answer.body:
            writer.write(encoded[:-1 - len(answer.body) // 2])
            await writer.drain()
            if fate.fault == "stall_body":
                await asyncio.sleep(fate.seconds["stall"])
            return False
        writer.write(encoded)
        await writer.drain()
        return not request.closes()

    @staticmethod
    def length_told(method, answer):
        if not http1.has_no_body(method, answer):
            return None
        told = answer.get(b"content-length")
        return int(told) if told is not None else -1

    async def outcome(self, fate, request, method, upstream):
        fault = fate.fault
        if fault == "stall":
            await asyncio.sleep(fate.seconds["stall"])
            raise Lost
        if fault == "reset_before":
            raise Lost
        if fault == "late":
            self.send_later(request, method, fate.delay())
            raise Lost
        if fault in ERRORS and fault != "answer_lost":
            return error_answer(fault)
        if fault == "latency":
            await asyncio.sleep(fate.delay())
        answer = await upstream.exchange(request, method)
        if fault == "reset_after":
            raise Lost
        if fault == "answer_lost":
            return error_answer(fault)
        if fault == "duplicate":
            self.send_later(request, method, fate.delay())
        if fault == "wrong_byte" and answer.body:
            body = bytearray(answer.body)
            body[fate.chance.randrange(len(body))] ^= 1 << fate.chance.randrange(8)
            answer.body = bytes(body)
        return answer

    def send_later(self, request, method, seconds):
        async def send():
            await asyncio.sleep(seconds)
            upstream = Upstream(self.host, self.port)
            with contextlib.suppress(OSError):
                await upstream.exchange(request, method)
            upstream.close()

        task = asyncio.get_running_loop().create_task(send())
        self.later.add(task)
        task.add_done_callback(self.later.discard)

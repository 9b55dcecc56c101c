"""HTTP/1.1 messages on asyncio streams: whole ones, since what the proxy does to them needs that."""

import asyncio

HOP_BY_HOP = {b"transfer-encoding", b"connection", b"keep-alive", b"expect", b"proxy-connection"}


class Malformed(Exception):
    pass


class Message:
    """A request or an answer: first line, header fields as they came, body without its framing."""

    def __init__(self, first_line, fields, body=b""):
        self.first_line = first_line
        self.fields = fields
        self.body = body

    def get(self, name):
        """The value of a field in lower case letters, or None."""
        for key, value in self.fields:
            if key.lower() == name:
                return value
        return None

    def closes(self):
        return (self.get(b"connection") or b"").lower() == b"close"

    def encode(self, length=None):
        """As bytes, with a content-length: of the body, unless `length` says otherwise."""
        lines = [self.first_line]
        lines += [key + b": " + value for key, value in self.fields
                  if key.lower() not in HOP_BY_HOP and key.lower() != b"content-length"]
        if length is None:
            length = len(self.body)
        if length >= 0:
            lines.append(b"content-length: %d" % length)
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


async def read_head(reader):
    """None when the connection ends before a message."""
    try:
        text = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise Malformed("ended within a head") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise Malformed("head too long") from error
    first_line, *lines = text[:-4].split(b"\r\n")
    fields = []
    for line in lines:
        key, colon, value = line.partition(b":")
        if not colon:
            raise Malformed(f"no field: {line!r}")
        fields.append((key.strip(), value.strip()))
    return Message(first_line, fields)


async def read_chunked(reader):
    body = bytearray()
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        if size == 0:
            while (await reader.readline()).strip():
                pass  # trailer fields
            return bytes(body)
        body += await reader.readexactly(size)
        await reader.readexactly(2)


async def read_body(reader, message, until_end=False):
    if (message.get(b"transfer-encoding") or b"").lower() == b"chunked":
        message.body = await read_chunked(reader)
    elif message.get(b"content-length") is not None:
        message.body = await reader.readexactly(int(message.get(b"content-length")))
    elif until_end:
        message.body = await reader.read()


async def read_request(reader, writer):
    """Answers `Expect: 100-continue` itself. None when there is no further request."""
    request = await read_head(reader)
    if request is None:
        return None
    if (request.get(b"expect") or b"").lower() == b"100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    await read_body(reader, request)
    return request


async def read_answer(reader, method):
    """None when the connection ended instead."""
    while True:
        answer = await read_head(reader)
        if answer is None or not answer.first_line.startswith(b"HTTP/1.1 1"):
            break
    if answer is None:
        return None
    if method != b"HEAD" and status_of(answer) not in (204, 304):
        await read_body(reader, answer, until_end=True)
    return answer


def status_of(answer):
    return int(answer.first_line.split(b" ")[1])


def has_no_body(method, answer):
    """Its content-length, if any, tells of a body that does not follow."""
    return method == b"HEAD" or status_of(answer) in (204, 304)

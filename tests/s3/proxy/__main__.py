"""A proxy between an S3 client and a server on loopback: counts requests, and injects faults.

usage: python3 tests/s3/proxy --to URL [--seed N] [--rules JSON]

Prints two lines: the URL for the client, and the control URL. Control:
    GET /counts       requests and bytes by kind, faults by name, and how many requests are still
                      to be delivered late, as JSON
    GET /last         the first lines of the last 1,000 requests, each with its fault, as JSON
    POST /reset       counts begin at zero
    POST /rules       new rules (the body, JSON: faults.py says how they read)
It ends when its standard input does.
"""

import argparse
import asyncio
import json
import random
import sys
import urllib.parse

import http1
from relay import BUFFER, Counts, Relay


class Control:
    def __init__(self, relay):
        self.relay = relay

    def act(self, method, path, body):
        if (method, path) == ("GET", "/counts"):
            counts = self.relay.counts
            return 200, counts.kinds | {"faults": counts.faults, "later": len(self.relay.later)}
        if (method, path) == ("GET", "/last"):
            return 200, list(self.relay.counts.last)
        if (method, path) == ("POST", "/reset"):
            self.relay.counts = Counts()
            return 200, {}
        if (method, path) == ("POST", "/rules"):
            try:
                self.relay.set_rules(json.loads(body))
            except (ValueError, TypeError, AttributeError) as error:
                return 400, {"error": str(error)}
            return 200, {}
        return 404, {"error": "no such control"}

    async def serve(self, reader, writer):
        request = await http1.read_request(reader, writer)
        if request is not None:
            method, path, _ = request.first_line.decode().split(" ", 2)
            status, told = self.act(method, path, request.body)
            writer.write(http1.Message(b"HTTP/1.1 %d Control" % status, [(b"connection", b"close")],
                                       json.dumps(told).encode()).encode())
            await writer.drain()
        writer.close()


def url_of(server):
    return "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]


async def main(options):
    to = urllib.parse.urlsplit(options.to)
    if to.scheme != "http" or not to.port:
        sys.exit(f"proxy: --to must be http://HOST:PORT, not {options.to}")
    relay = Relay(to.hostname, to.port, options.seed, json.loads(options.rules))
    proxy = await asyncio.start_server(relay.serve, "127.0.0.1", 0, limit=BUFFER, backlog=1024)
    control = await asyncio.start_server(Control(relay).serve, "127.0.0.1", 0, limit=BUFFER)
    print(f"proxy: seed {options.seed}", file=sys.stderr, flush=True)
    print(url_of(proxy), url_of(control), sep="\n", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--to", required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rules", default="{}")
    asyncio.run(main(parser.parse_args()))

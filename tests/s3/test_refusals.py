"""Stores that cannot keep the promises, and endpoints that are none: each is refused with a message of
its own, in bounded time. Needs no server but those that it makes."""

import http.server
import socket
import threading
import time
import urllib.parse

from elsewhere import Elsewhere, main


class Bucket(http.server.BaseHTTPRequestHandler):
    """Objects in memory, any signature; conditions are overlooked, or listings lag."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "Forgetful/1"

    def log_message(self, *_):
        pass

    def key(self):
        return urllib.parse.unquote(self.path.split("?")[0]).split("/", 2)[2]

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.server.keeps_conditions and self.headers.get("if-none-match") and \
                self.key() in self.server.objects:
            return self.tell(412, b"<Error><Code>PreconditionFailed</Code></Error>")
        self.server.objects[self.key()] = (body, time.monotonic())
        return self.tell(200, b"")

    def do_GET(self):
        query = urllib.parse.parse_qs(self.path.partition("?")[2], keep_blank_values=True)
        if "list-type" in query:
            return self.tell(200, self.listing(query))
        body, _ = self.server.objects.get(self.key(), (None, 0))
        if body is None:
            return self.tell(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self.tell(200, body)

    def listing(self, query):
        prefix, after = query.get("prefix", [""])[0], query.get("start-after", [""])[0]
        old = time.monotonic() - self.server.list_lag_seconds
        names = sorted(key for key, (_, made) in self.server.objects.items()
                       if key.startswith(prefix) and key > after and made <= old)
        items = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f'<ETag>"{len(key)}"</ETag><Size>{len(self.server.objects[key][0])}</Size></Contents>'
            for key in names)
        return (f"<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>{len(names)}</KeyCount>"
                f"{items}</ListBucketResult>").encode()

    def do_DELETE(self):
        self.server.objects.pop(self.key(), None)
        self.tell(204, b"")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.tell(200, b"<DeleteResult></DeleteResult>")

    def do_HEAD(self):
        self.tell(200 if self.path.count("/") == 1 else 404, b"")

    def tell(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"1"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Unsuitable(Elsewhere):
    def serve(self, keeps_conditions=True, list_lag_seconds=0.0):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
        server.daemon_threads = True
        server.objects = {}
        server.keeps_conditions, server.list_lag_seconds = keeps_conditions, list_lag_seconds
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.server = server
        return "http://127.0.0.1:%d" % server.server_address[1]

    def test_the_small_server_passes_when_it_keeps_its_promises(self):
        self.changes = {"AWS_ENDPOINT_URL": self.serve()}
        self.ok("put", "--id", "a", "1")
        self.assertEqual(self.ok("get", "a").out, "1\n")

    def test_a_store_that_creates_one_object_twice(self):
        result = self.refused(["If-None-Match"], AWS_ENDPOINT_URL=self.serve(keeps_conditions=False))
        self.assertRegex(result.err, r"Forgetful|127\.0\.0\.1")
        # Nothing that looks like a flood is left.
        self.assertFalse([key for key in self.server.objects if key.endswith("flashflood.json")])

    def test_a_store_whose_listings_lag(self):
        self.refused(["list"], AWS_ENDPOINT_URL=self.serve(list_lag_seconds=30))


class NoEndpoint(Elsewhere):
    def test_endpoint_is_down(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.refused([f"127.0.0.1:{port}"], AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")

    def test_how_long_it_tries(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        took = {}
        for seconds in (0, 4):
            began = time.monotonic()
            self.refused([f"127.0.0.1:{port}"], "--retry-for", f"{seconds}s", "put", "x",
                         AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")
            took[seconds] = time.monotonic() - began
        # The pauses are random: the last one may have been too long.
        self.assertGreater(took[4], took[0] + 1.5)
        self.fails(2, ["--retry-for", "soon"], "--retry-for", "soon", "put", "x")
        self.changes = {"FLASHFLOOD_RETRY_FOR": "soon"}
        self.fails(2, ["FLASHFLOOD_RETRY_FOR", "soon"], "put", "x")

    def test_name_of_the_endpoint(self):
        self.refused(["no-such-host.invalid"], AWS_ENDPOINT_URL="http://no-such-host.invalid:9000")

    def test_endpoint_that_never_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = "127.0.0.1:%d" % silent.getsockname()[1]
            self.refused([endpoint], AWS_ENDPOINT_URL="http://" + endpoint)


if __name__ == "__main__":
    main()

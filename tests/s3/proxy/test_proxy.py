"""The proxy between a plain client and a small server that remembers what reached it."""

import http.client
import http.server
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.dirname(sys.path[0]))

from faults import FAULTS, Oracle, Rules, kind_of  # noqa: E402
from proxied import Proxy  # noqa: E402


class Origin(http.server.ThreadingHTTPServer):
    """Answers GET with what was PUT, and lists what it got."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects = {}
        self.seen = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]

    def count(self, method):
        with self.lock:
            return sum(1 for seen in self.seen if seen[0] == method)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with self.server.lock:
            self.server.seen.append((self.command, self.path, dict(self.headers.items()), body))
            if self.command == "PUT":
                self.server.objects[self.path] = body
            found = self.server.objects.get(self.path)
        if self.command == "PUT":
            self.tell(200, b"")
        elif self.path.startswith("/chunked"):
            self.send_response(200)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n6; x=y\r\n world\r\n0\r\n\r\n")
        elif self.command == "DELETE":
            self.send_response(204)
            self.end_headers()
        elif found is None:
            self.tell(404, b"none")
        else:
            self.tell(200, found)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = handle_any

    def tell(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.server_close)
        self.addCleanup(self.origin.shutdown)

    def start(self, rules=None, seed=1):
        proxy = Proxy(self.origin.url(), seed, rules)
        self.addCleanup(proxy.close)
        self.connection = http.client.HTTPConnection(proxy.url[len("http://"):], timeout=20)
        self.addCleanup(self.connection.close)
        return proxy

    def ask(self, method, path, body=None, **headers):
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def is_cut(self, method, path, body=None):
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            self.ask(method, path, body)
        self.connection.close()


class Forwarding(ProxyTest):
    def test_bodies_pass_in_both_directions_on_one_connection(self):
        self.start()
        data = os.urandom(3 << 20)
        self.assertEqual(self.ask("PUT", "/b/k", data), (200, b""))
        self.assertEqual(self.ask("GET", "/b/k"), (200, data))
        self.assertEqual(self.ask("HEAD", "/b/k"), (200, b""))
        self.assertEqual(self.ask("GET", "/b/none"), (404, b"none"))
        self.assertEqual(self.ask("DELETE", "/b/k"), (204, b""))
        self.assertEqual(self.ask("GET", "/chunked/k"), (200, b"hello world"))

    def test_a_chunked_request(self):
        self.start()
        self.connection.request("PUT", "/b/k", iter([b"one", b"two"]), encode_chunked=True)
        answer = self.connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b""))
        self.assertEqual(self.origin.objects["/b/k"], b"onetwo")

    def test_expect_continue(self):
        self.start()
        self.assertEqual(self.ask("PUT", "/b/k", b"x", Expect="100-continue"), (200, b""))
        self.assertEqual(self.origin.objects["/b/k"], b"x")

    def test_what_is_signed_arrives_unchanged(self):
        proxy = self.start()
        path = "/b/a%20b?list-type=2&prefix=x%2Fy&empty="
        self.ask("GET", path, Authorization="AWS4 xyz", **{"X-Amz-Date": "now"})
        _, target, headers, _ = self.origin.seen[0]
        self.assertEqual(target, path)
        self.assertEqual(headers["Host"], proxy.url[len("http://"):])
        self.assertEqual(headers["Authorization"], "AWS4 xyz")
        self.assertEqual(headers["X-Amz-Date"], "now")

    def test_many_connections(self):
        proxy = self.start()
        self.ask("PUT", "/b/k", b"data")

        def loop():
            connection = http.client.HTTPConnection(proxy.url[len("http://"):], timeout=20)
            for _ in range(50):
                connection.request("GET", "/b/k")
                good.append(connection.getresponse().read() == b"data")
            connection.close()

        good = []
        threads = [threading.Thread(target=loop) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(good, [True] * 400)

    def test_counts(self):
        proxy = self.start()
        self.ask("PUT", "/b/k", b"12345")
        self.ask("GET", "/b/k")
        self.ask("GET", "/b?list-type=2&prefix=k")
        self.ask("POST", "/b?delete", b"<Delete/>")
        self.assertEqual(proxy.requests(), {"PUT": 1, "GET": 1, "LIST": 1, "DELETE": 1})
        counts = proxy.counts()
        self.assertEqual((counts["PUT"]["bytes_in"], counts["GET"]["bytes_out"]), (5, 5))
        self.assertEqual(proxy.last()[1], ("GET /b/k HTTP/1.1", None))
        proxy.reset()
        self.assertEqual(proxy.requests(), {})
        self.assertEqual(proxy.last(), [])

    def test_a_server_that_is_gone_is_a_reset(self):
        self.start()
        self.origin.shutdown()
        self.origin.server_close()
        self.is_cut("GET", "/b/k")


class Faults(ProxyTest):
    def always(self, fault, kind="*", **seconds):
        return self.start({kind: {fault: 1}, "seconds": seconds})

    def test_errors_are_not_forwarded(self):
        for fault, status, word in (("error_500", 500, b"InternalError"), ("slow_down", 503, b"SlowDown"),
                                    ("slow_down_empty", 503, b""), ("too_many", 429, b"TooMany")):
            self.always(fault)
            told, body = self.ask("PUT", "/b/k", b"x")
            self.assertEqual(told, status)
            self.assertIn(word, body)
        self.assertEqual(self.origin.seen, [])

    def test_conflict_only_meets_conditional_puts(self):
        self.always("conflict")
        self.assertEqual(self.ask("PUT", "/b/k", b"x"), (200, b""))
        status, body = self.ask("PUT", "/b/k", b"x", **{"If-None-Match": "*"})
        self.assertEqual(status, 409)
        self.assertIn(b"ConditionalRequestConflict", body)

    def test_error_in_200_only_meets_posts(self):
        self.always("error_in_200")
        self.assertEqual(self.ask("PUT", "/b/k", b"x"), (200, b""))
        status, body = self.ask("POST", "/b?delete", b"x")
        self.assertEqual(status, 200)
        self.assertIn(b"<Error>", body)

    def test_resets(self):
        self.always("reset_before")
        self.is_cut("PUT", "/b/k", b"x")
        self.assertEqual(self.origin.seen, [])
        self.always("reset_after")
        self.is_cut("PUT", "/b/k", b"x")
        self.assertEqual(self.origin.objects["/b/k"], b"x")

    def test_answer_lost_after_success(self):
        self.always("answer_lost")
        self.assertEqual(self.ask("PUT", "/b/k", b"x")[0], 500)
        self.assertEqual(self.origin.objects["/b/k"], b"x")

    def test_late(self):
        proxy = self.always("late", late=0.4)
        self.is_cut("PUT", "/b/k", b"x")
        self.assertEqual(proxy.counts()["later"], 1)
        self.assertEqual(self.origin.seen, [])
        proxy.wait_for_late_requests()
        self.assertEqual(self.origin.objects["/b/k"], b"x")

    def test_duplicate(self):
        proxy = self.always("duplicate", duplicate=0.4)
        self.assertEqual(self.ask("PUT", "/b/k", b"x"), (200, b""))
        self.assertEqual(self.origin.count("PUT"), 1)
        proxy.wait_for_late_requests()
        self.assertEqual(self.origin.count("PUT"), 2)
        self.assertEqual(self.origin.seen[0], self.origin.seen[1])

    def test_broken_bodies(self):
        data = os.urandom(100_000)
        self.origin.objects["/b/k"] = data
        self.always("truncated")
        with self.assertRaises(http.client.IncompleteRead) as cut:
            self.ask("GET", "/b/k")
        self.assertLess(len(cut.exception.partial), len(data))
        self.always("wrong_byte")
        status, got = self.ask("GET", "/b/k")
        self.assertEqual((status, len(got)), (200, len(data)))
        different = [a ^ b for a, b in zip(got, data) if a != b]
        self.assertEqual(len(different), 1)
        self.assertEqual(different[0].bit_count(), 1)

    def test_stalls(self):
        self.origin.objects["/b/k"] = b"data"
        for fault in ("stall", "stall_body"):
            self.always(fault, stall=0.3)
            began = time.monotonic()
            self.is_cut("GET", "/b/k")
            self.assertGreater(time.monotonic() - began, 0.25)

    def test_latency(self):
        self.always("latency", latency=0.4)
        began = time.monotonic()
        self.ask("GET", "/b/k")
        self.assertGreater(time.monotonic() - began, 0.09)

    def test_rules_can_change(self):
        proxy = self.always("error_500", kind="PUT")
        self.assertEqual(self.ask("PUT", "/b/k", b"x")[0], 500)
        self.assertEqual(self.ask("GET", "/b/k")[0], 404)
        self.assertEqual(proxy.counts()["faults"], {"error_500": 1})
        proxy.set_rules({})
        self.assertEqual(self.ask("PUT", "/b/k", b"x")[0], 200)


class Decisions(unittest.TestCase):
    def test_one_seed_one_fate(self):
        rules = {"*": {fault: 1 / len(FAULTS) for fault in FAULTS}}

        def fates(seed, order):
            oracle = Oracle(seed, rules)
            told = {kind: [] for kind in order}
            for kind in order:
                told[kind].append(oracle.fate(kind, True).fault)
            return told

        one = fates(7, ["PUT", "GET"] * 50)
        self.assertEqual(one, fates(7, ["GET"] * 50 + ["PUT"] * 50))
        self.assertNotEqual(one, fates(8, ["PUT", "GET"] * 50))

    def test_probabilities_are_kept(self):
        oracle = Oracle(1, {"PUT": {"late": 0.2}})
        hit = sum(oracle.fate("PUT", False).fault == "late" for _ in range(5000))
        self.assertTrue(850 < hit < 1150, hit)
        self.assertIsNone(oracle.fate("GET", False).fault)

    def test_wrong_rules(self):
        for rules in ({"PAT": {}}, {"PUT": {"gremlins": 1}}, {"PUT": {"late": 0.6, "stall": 0.6}}):
            with self.assertRaises(ValueError):
                Rules(rules)

    def test_kinds(self):
        for method, target, kind in (
            ("GET", "/b/k?versionId=1", "GET"), ("GET", "/b?list-type=2", "LIST"),
            ("GET", "/b/?list-type=2&prefix=a", "LIST"), ("GET", "/", "OTHER"),
            ("GET", "/b?location", "OTHER"), ("HEAD", "/b/k", "HEAD"), ("HEAD", "/b", "OTHER"),
            ("PUT", "/b/k/l", "PUT"), ("PUT", "/b", "OTHER"), ("DELETE", "/b/k", "DELETE"),
            ("POST", "/b?delete=", "DELETE"), ("POST", "/b/k?uploads", "MULTIPART"),
            ("PUT", "/b/k?partNumber=1&uploadId=x", "PART"),
        ):
            self.assertEqual(kind_of(method, target), kind, target)


if __name__ == "__main__":
    unittest.main(verbosity=2)

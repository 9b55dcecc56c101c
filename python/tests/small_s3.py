"""A bucket in this process, as far as FlashFlood asks for one, which stalls when it is told to.

It is the same one by whatever name it is asked for.
"""

import hashlib
import http.server
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

import flashflood


class SmallS3:
    def __init__(self):
        self.objects = {}
        self.lock = threading.Lock()
        self.stalled = threading.Event()
        self.released = threading.Event()
        bucket = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if bucket.stalled.is_set():
                    bucket.released.wait(60)
                    self.close_connection = True
                    return
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
                key = urllib.parse.unquote(url.path).removeprefix("/").partition("/")[2]
                status, headers, answer = bucket.answer(
                    self.command, key, query, self.headers, body
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def open(self, **options):
        return flashflood.open(
            "s3://bucket/flood",
            s3=flashflood.S3Options(
                endpoint=f"http://127.0.0.1:{self.server.server_port}",
                region="us-east-1",
                credentials=flashflood.S3Credentials("key", "secret"),
            ),
            **options,
        )

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, method, key, query, headers, body):
        with self.lock:
            if method == "PUT":
                if headers.get("If-None-Match") == "*" and key in self.objects:
                    return 412, {}, self.error("PreconditionFailed")
                self.objects[key] = (body, time.time())
                return 200, {"ETag": self.etag(body)}, b""
            if method == "POST" and "delete" in query:
                for part in body.decode().split("<Key>")[1:]:
                    self.objects.pop(part.split("</Key>")[0], None)
                return 200, {}, b"<DeleteResult></DeleteResult>"
            if method == "DELETE":
                self.objects.pop(key, None)
                return 204, {}, b""
            if not key:
                return (200, {}, self.listing(query)) if method == "GET" else (200, {}, b"")
            if key not in self.objects:
                return 404, {}, self.error("NoSuchKey")
            return self.part(*self.objects[key], headers.get("Range"))

    def part(self, body, _, wanted):
        etag = {"ETag": self.etag(body)}
        if wanted is None:
            return 200, etag, body
        first, last = wanted.removeprefix("bytes=").split("-")
        if not first:
            begin, end = max(0, len(body) - int(last)), len(body)
        else:
            begin, end = int(first), min(len(body), int(last) + 1)
        if begin >= len(body):
            return 416, {}, self.error("InvalidRange")
        place = {"Content-Range": f"bytes {begin}-{end - 1}/{len(body)}"}
        return 206, etag | place, body[begin:end]

    def listing(self, query):
        prefix, after = query.get("prefix", ""), query.get("start-after", "")
        limit = int(query.get("max-keys", 1000))
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        items = []
        for key in keys[:limit]:
            body, modified = self.objects[key]
            date = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(modified))
            items.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{date}</LastModified>"
                f"<ETag>{escape(self.etag(body))}</ETag><Size>{len(body)}</Size></Contents>"
            )
        more = "true" if len(keys) > limit else "false"
        return (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>'
            f"<KeyCount>{len(items)}</KeyCount><IsTruncated>{more}</IsTruncated>"
            f"{''.join(items)}</ListBucketResult>"
        ).encode()

    @staticmethod
    def etag(body):
        return f'"{hashlib.md5(body).hexdigest()}"'

    @staticmethod
    def error(code):
        return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()

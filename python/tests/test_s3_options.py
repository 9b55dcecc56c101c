"""S3 options and credentials that a program gives, against a server that refuses everything."""

import datetime
import http.server
import threading

import pytest

import flashflood
from flashflood import exceptions


@pytest.fixture
def bucket():
    """A server that answers 403 and keeps the headers of what it was asked."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def refuse(self):
            seen.append((self.path, dict(self.headers)))
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_PUT = do_POST = refuse

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.seen = seen
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def open_refused(bucket, **options):
    options = flashflood.S3Options(endpoint=bucket.url, region="given-1", **options)
    with pytest.raises(exceptions.PermissionDenied) as caught:
        flashflood.open("s3://bucket/prefix", s3=options)
    return str(caught.value)


def test_requests_go_there_with_these_keys(bucket):
    open_refused(bucket, credentials=flashflood.S3Credentials("KEY1", "secret", "token"))
    path, headers = bucket.seen[0]
    assert path.startswith("/bucket/prefix/")
    assert "Credential=KEY1/" in headers["Authorization"]
    assert "/given-1/s3/" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "token"


def test_a_function_gives_them_in_any_thread(bucket):
    calls = []

    def give():
        calls.append(threading.current_thread())
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        return flashflood.S3Credentials("KEY2", "secret", expires=expires)

    open_refused(bucket, credentials=give)
    assert len(calls) == 1
    assert "Credential=KEY2/" in bucket.seen[0][1]["Authorization"]


def test_the_error_of_the_function_is_told(bucket):
    def fail():
        raise LookupError("the vault is shut")

    assert "LookupError: the vault is shut" in open_refused(bucket, credentials=fail)
    assert "NoneType" in open_refused(bucket, credentials=lambda: None)
    assert bucket.seen == []


def test_anonymous(bucket):
    open_refused(bucket, anonymous=True)
    assert "Authorization" not in bucket.seen[0][1]


def test_wrong_options():
    with pytest.raises(TypeError, match="credentials are S3Credentials"):
        flashflood.S3Options(credentials="key")
    with pytest.raises(exceptions.InvalidArgument, match="no bucket"):
        flashflood.open("memory://x", s3=flashflood.S3Options(region="eu-west-1"))
    assert "secret" not in repr(flashflood.S3Credentials("KEY", "secret"))

"""A server whose certificate is not trusted: told at once, and not as something that passes."""

import http.server
import shutil
import ssl
import subprocess
import threading
import time

import pytest

import flashflood
from flashflood import exceptions

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl command")


@pytest.fixture
def server(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)

    class Handler(http.server.BaseHTTPRequestHandler):
        def refuse(self):
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_PUT = do_HEAD = do_POST = refuse

        def log_message(self, *arguments):
            pass

        def setup(self):
            try:
                self.request.do_handshake()
            except OSError:
                self.server.refused += 1
            super().setup()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    server.refused = 0
    server.handle_error = lambda *_: None  # of connections that the client has given up
    server.certificate = str(certificate)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def find(server, **options):
    s3 = flashflood.S3Options(endpoint=f"https://127.0.0.1:{server.server_port}",
                              region="us-east-1", credentials=flashflood.S3Credentials("a", "b"),
                              **options)
    flashflood.open("s3://bucket/flood", s3=s3, create=False)


def test_an_unknown_authority(server, monkeypatch):
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    began = time.monotonic()
    with pytest.raises(exceptions.PermissionDenied, match="certificate.*AWS_CA_BUNDLE") as error:
        find(server)
    assert "try again" not in str(error.value)
    assert time.monotonic() - began < 5
    while server.refused == 0 and time.monotonic() - began < 30:
        time.sleep(0.01)  # the client may know before the server does
    assert server.refused == 1  # asking again changes nothing


def test_a_file_that_is_not_there(server):
    with pytest.raises(exceptions.PermissionDenied, match="cannot be read"):
        find(server, ca_bundle="/does/not/exist.pem")


def test_the_certificate_is_trusted(server):
    with pytest.raises(exceptions.PermissionDenied, match="403"):
        find(server, ca_bundle=server.certificate)

"""The services that give AWS credentials, as strict as the real ones, on one port of this machine.

Prints the port, and ends when its input does. Paths: /imds (instance metadata, version 2),
/container, /sts, /sso (portal) and /oidc; /s3, a store that takes only the newest keys of /issue;
/stall never answers, /huge answers without end, /cut ends
in the middle of a body.
"""

import datetime
import hashlib
import hmac
import http.server
import itertools
import json
import sys
import threading
import urllib.parse

ACCESS_KEY, SECRET_KEY = "AKIASOURCE", "source+secret/key"
CONTAINER_TOKEN = "container token"
WEB_TOKEN = "header.payload.signature+/="
BEARER, REFRESH = "sso-access-2", "sso-refresh-1"
METADATA_TOKEN = "metadata-token=="
stopped = threading.Event()
issued = itertools.count(1)
newest = "issued-0"


def in_one_hour():
    return (datetime.datetime.utcnow() + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def is_signed(handler, body):
    """Whether a request bears a right Signature Version 4, worked out from the published steps."""
    kind, _, rest = handler.headers.get("Authorization", "").partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if kind != "AWS4-HMAC-SHA256" or set(fields) != {"Credential", "SignedHeaders", "Signature"}:
        return False
    key_id, day, region, service, end = fields["Credential"].split("/")
    names = fields["SignedHeaders"].split(";")
    date = handler.headers["X-Amz-Date"]
    if key_id != ACCESS_KEY or service != "sts" or end != "aws4_request" or "host" not in names:
        return False
    canonical = "\n".join(
        [handler.command, urllib.parse.urlsplit(handler.path).path, ""]
        + [f"{name}:{' '.join(handler.headers[name].split())}" for name in names]
        + ["", ";".join(names), hashlib.sha256(body).hexdigest()]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(
        ["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = sign(sign(sign(sign(("AWS4" + SECRET_KEY).encode(), day), region), service), end)
    return hmac.compare_digest(sign(key, text).hex(), fields["Signature"])


class Services(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        body = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlsplit(self.path)
        service, _, path = url.path[1:].partition("/")
        handlers = {"imds": self.imds, "container": self.container, "sts": self.sts,
                    "sso": self.sso, "oidc": self.oidc, "issue": self.issue, "s3": self.s3,
                    "stall": self.stall, "huge": self.huge, "cut": self.cut}
        if service not in handlers:
            self.answer(404, "")
        else:
            handlers[service]("/" + path, urllib.parse.parse_qs(url.query), body)

    do_GET = do_PUT = do_POST = serve

    def keys(self, name):
        return {"AccessKeyId": name, "SecretAccessKey": name + "-key", "Token": name + "-token",
                "Expiration": in_one_hour()}

    def imds(self, path, _query, _body):
        if self.command == "PUT" and path == "/latest/api/token":
            ttl = self.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
            good = ttl.isdigit() and 1 <= int(ttl) <= 21600
            return self.answer(200 if good else 400, METADATA_TOKEN if good else "", "text/plain")
        if self.headers.get("x-aws-ec2-metadata-token") != METADATA_TOKEN:
            return self.answer(401, "")
        roles = "/latest/meta-data/iam/security-credentials/"
        if path == roles:
            return self.answer(200, "role-1", "text/plain")
        if path == roles + "role-1":
            return self.answer(200, {"Code": "Success", "Type": "AWS-HMAC", **self.keys("imds")})
        return self.answer(404, "")

    def container(self, _path, _query, _body):
        if self.headers.get("Authorization") != CONTAINER_TOKEN:
            return self.answer(401, "")
        return self.answer(200, self.keys("container"))

    def issue(self, path, _query, _body):
        """Others each time, which are good for an hour; at /issue/same the same."""
        global newest
        if path == "/same":
            return self.answer(200, self.keys("same"))
        newest = f"issued-{next(issued)}"
        return self.answer(200, self.keys(newest))

    def s3(self, _path, _query, _body):
        if self.headers.get("x-amz-security-token") != newest + "-token":
            return self.answer(400, "<Error><Code>ExpiredToken</Code><Message>The provided token has "
                                    "expired.</Message></Error>", "application/xml")
        return self.answer(200, "")

    def sts(self, _path, _query, body):
        form = {key: values[0] for key, values in urllib.parse.parse_qs(body.decode()).items()}
        action = form.get("Action")
        if form.get("Version") != "2011-06-15" or not form.get("RoleSessionName"):
            return self.refuse(400, "ValidationError")
        if action == "AssumeRole" and not is_signed(self, body):
            return self.refuse(403, "SignatureDoesNotMatch")
        if action == "AssumeRole" and form.get("ExternalId") != "ext/1":
            return self.refuse(403, "AccessDenied")
        if action == "AssumeRoleWithWebIdentity" and form.get("WebIdentityToken") != WEB_TOKEN:
            return self.refuse(400, "InvalidIdentityToken")
        name = form["RoleArn"].split("/")[-1]
        return self.answer(
            200,
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>'
            f"<AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials>"
            f"<AccessKeyId>{name}</AccessKeyId><SecretAccessKey>{name}-key</SecretAccessKey>"
            f"<SessionToken>{name}-token</SessionToken><Expiration>{in_one_hour()}</Expiration>"
            f"</Credentials></{action}Result></{action}Response>", "text/xml")

    def refuse(self, status, code):
        self.answer(status, f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
                            f"<Message>no</Message></Error></ErrorResponse>", "text/xml")

    def sso(self, path, query, _body):
        if self.headers.get("x-amz-sso_bearer_token") != BEARER:
            return self.answer(401, {"message": "Session token not found or invalid"})
        if path != "/federation/credentials" or query != {"account_id": ["1"], "role_name": ["R"]}:
            return self.answer(404, {})
        expires = (datetime.datetime.utcnow() - datetime.datetime(1970, 1, 1)).total_seconds() + 3600
        return self.answer(200, {"roleCredentials": {
            "accessKeyId": "sso", "secretAccessKey": "sso-key", "sessionToken": "sso-token",
            "expiration": int(expires * 1000)}})

    def oidc(self, path, _query, body):
        asked = json.loads(body)
        if path != "/token" or asked != {"grantType": "refresh_token", "clientId": "client",
                                         "clientSecret": "secret", "refreshToken": REFRESH}:
            return self.answer(400, {"error": "invalid_grant"})
        return self.answer(200, {"accessToken": BEARER, "expiresIn": 28800, "tokenType": "Bearer",
                                 "refreshToken": "sso-refresh-2"})

    def stall(self, *_):
        stopped.wait(60)
        self.close_connection = True

    def huge(self, *_):
        self.send_response(200)
        self.end_headers()
        try:
            while not stopped.is_set():
                self.wfile.write(b"a" * 65536)
        except OSError:
            pass
        self.close_connection = True

    def cut(self, *_):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"AccessKeyId": "cut", "SecretAccessKey": "cut"}')
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def main():
    with Server(("127.0.0.1", 0), Services) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        stopped.set()
        server.shutdown()


if __name__ == "__main__":
    main()

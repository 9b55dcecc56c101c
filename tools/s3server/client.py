"""A small S3 client on the standard library: signed requests (SigV4, path style), one at a time."""

import datetime
import hashlib
import hmac
import http.client
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self):
        return f"HTTP {self.status}: {self.body[:500]!r}"


class Client:
    """Not for several threads at once: each takes one of its own."""

    def __init__(self, endpoint, access_key, secret_key, region="us-east-1", token=None, timeout=60):
        url = urllib.parse.urlsplit(endpoint)
        self.host = url.netloc
        self.access_key = access_key
        self.secret_key = secret_key
        self.region = region
        self.token = token
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(self.host, timeout=timeout)

    @staticmethod
    def of(environment, **options):
        """The client of an environment of the AWS tools."""
        region = environment.get("AWS_REGION", "us-east-1")
        endpoint = environment.get("AWS_ENDPOINT_URL", f"https://s3.{region}.amazonaws.com")
        return Client(endpoint, environment["AWS_ACCESS_KEY_ID"],
                      environment["AWS_SECRET_ACCESS_KEY"], region,
                      environment.get("AWS_SESSION_TOKEN"), **options)

    def close(self):
        self.connection.close()

    def request(self, method, path, query=(), headers=None, body=b""):
        """`path` and `query` (pairs) are given unescaped. Throws OSError when nothing answers."""
        path = urllib.parse.quote(path, safe="/-_.~")
        query = "&".join(
            f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
            for k, v in sorted(query))
        signed = self.signed(method, path, query, dict(headers or {}), body)
        target = path + ("?" + query if query else "")
        try:
            self.connection.request(method, target, body=body, headers=signed)
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise error if isinstance(error, OSError) else OSError(str(error)) from error

    def signed(self, method, path, query, headers, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        headers |= {"host": self.host, "x-amz-date": now, "x-amz-content-sha256": digest}
        if self.token:
            headers["x-amz-security-token"] = self.token
        names = sorted(headers, key=str.lower)
        listed = ";".join(name.lower() for name in names)
        canonical = "\n".join(
            [method, path, query, *(f"{name.lower()}:{headers[name].strip()}" for name in names), "",
             listed, digest])
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        key = ("AWS4" + self.secret_key).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = "\n".join(
            ["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={listed}, "
            f"Signature={signature}")
        return headers

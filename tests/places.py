"""Where the floods of a test lie: in folders, or in a bucket when FLASHFLOOD_TEST_STORE is "s3".

The bucket (and a prefix in it) is FLASHFLOOD_TEST_S3_URL, the endpoint and the keys are those of the
AWS variables. A place can be looked at and damaged behind FlashFlood's back.
"""

import base64
import hashlib
import os
import secrets
import sys
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools"))
sys.dont_write_bytecode = True

from s3server.client import Client  # noqa: E402

ON_S3 = os.environ.get("FLASHFLOOD_TEST_STORE") == "s3"
FOLDERS_ONLY = "is about folders; these floods lie in a bucket"


def new_place(folder, name="flood"):
    """A place for one flood, not there yet; `folder` is the test's own. Call clear() in the end."""
    if ON_S3:
        return BucketPlace(os.environ["FLASHFLOOD_TEST_S3_URL"].rstrip("/")
                           + f"/test-{secrets.token_hex(6)}/{name}")
    return FolderPlace(os.path.join(folder, name))


class FolderPlace:
    def __init__(self, url):
        self.url = url

    def path(self, key):
        return os.path.join(self.url, key)

    def keys(self, prefix=""):
        found = [os.path.relpath(os.path.join(folder, name), self.url)
                 for folder, _, names in os.walk(self.url) for name in names]
        return sorted(key for key in found if key.startswith(prefix))

    def exists(self):
        return os.path.exists(self.url)

    def beside(self):
        """What lies in the folder that the flood is in, but the flood."""
        folder, name = os.path.split(self.url)
        return sorted(set(os.listdir(folder)) - {name})

    def read(self, key):
        with open(self.path(key), "rb") as file:
            return file.read()

    def write(self, key, data):
        if os.path.exists(self.path(key)):
            os.chmod(self.path(key), 0o644)
        with open(self.path(key), "wb") as file:
            file.write(data)

    def remove(self, key):
        os.remove(self.path(key))

    def clear(self):
        """The test removes its folder."""


class BucketPlace:
    def __init__(self, url):
        self.url = url
        self.bucket, _, self.prefix = url.removeprefix("s3://").partition("/")
        self.client = Client.of(os.environ)

    def ask(self, method, path, wanted=(200, 204), **more):
        answer = self.client.request(method, path, **more)
        if answer.status not in wanted:
            raise AssertionError(f"{method} {path}: {answer!r}")
        return answer

    def object(self, key):
        return f"/{self.bucket}/{self.prefix}/{key}"

    def list(self, prefix):
        """The bucket's keys that begin so."""
        found = []
        while True:
            query = [("list-type", "2"), ("prefix", prefix)]
            query += [("start-after", found[-1])] if found else []
            page = xml.fromstring(self.ask("GET", "/" + self.bucket, query=query).body)
            space = page.tag.partition("}")[0] + "}" if page.tag.startswith("{") else ""
            found += [item.text for item in page.iterfind(f"{space}Contents/{space}Key")]
            if page.findtext(f"{space}IsTruncated") != "true":
                return sorted(found)

    def keys(self, prefix=""):
        return [key[len(self.prefix) + 1:] for key in self.list(f"{self.prefix}/{prefix}")]

    def beside(self):
        """What lies in the test's part of the bucket, but the flood."""
        keys = self.list(self.prefix.rpartition("/")[0] + "/")
        return [key for key in keys if not key.startswith(self.prefix + "/")]

    def exists(self):
        return bool(self.keys())

    def read(self, key):
        return self.ask("GET", self.object(key)).body

    def write(self, key, data):
        self.ask("PUT", self.object(key), body=data)

    def remove(self, key):
        self.ask("DELETE", self.object(key))

    def clear(self):
        keys = self.keys()
        for first in range(0, len(keys), 1000):
            names = "".join(f"<Object><Key>{self.prefix}/{key}</Key></Object>"
                            for key in keys[first:first + 1000])
            body = f"<Delete><Quiet>true</Quiet>{names}</Delete>".encode()
            digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
            self.ask("POST", "/" + self.bucket, query=[("delete", "")],
                     headers={"Content-MD5": digest}, body=body)
        self.client.close()

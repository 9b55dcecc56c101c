"""Buckets that the original FlashFlood writes: the Python package flash-flood 0.4.3, and boto3.

FLASHFLOOD_ORIGINAL is the folder that it is installed in (tools/setup python), apart from ours, which
has the same name. The bucket and a prefix in it is FLASHFLOOD_TEST_S3_URL.
"""

import datetime
import os
import secrets
import sys

sys.path.insert(0, os.environ.get("FLASHFLOOD_ORIGINAL", ""))
sys.dont_write_bytecode = True

try:
    import boto3
    import botocore.config
    import flashflood
    import flashflood.objects
    from flashflood import FlashFlood
    from flashflood.identifiers import JournalUpdateAction, JournalUpdateID
    from flashflood.key_index import BaseKeyIndex  # not a part of ours
except ImportError:
    FlashFlood = BaseKeyIndex = None
else:
    for module in (flashflood, flashflood.objects):
        module.print = lambda *_: None  # it tells what it does on stdout

WHY_NOT = "the original (flash-flood 0.4.3) is not installed: tools/setup python does it"


def day(number, second=0):
    return datetime.datetime(2019, 11, number, 10, 0, second, 123456)


class Original:
    """One FlashFlood of the original's, under a root prefix of its own, and its objects."""

    def __init__(self, root=None):
        self.s3 = boto3.resource(
            "s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"),
            region_name=os.environ.get("AWS_REGION", "us-east-1"),
            config=botocore.config.Config(s3={"addressing_style": "path"}, signature_version="s3v4"))
        url = os.environ["FLASHFLOOD_TEST_S3_URL"].rstrip("/")
        self.bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self.root = root or (prefix + "/" if prefix else "") + f"original-{secrets.token_hex(6)}"
        self.flood = FlashFlood(self.s3, self.bucket, self.root)
        self.client = self.s3.meta.client

    @property
    def url(self):
        return f"s3://{self.bucket}/{self.root}"

    def __getattr__(self, name):
        """Its functions."""
        return getattr(self.flood, name)

    def put(self, event_id, date, data=None):
        self.flood.put(data if data is not None else f'{{"id":"{event_id}"}}'.encode(), event_id,
                       date)

    def put_many(self, events, version=None):
        """A journal with (id, date, data) of all `events`, without the index: quick."""
        rows, data = [], b""
        for event_id, date, event in events:
            rows.append({"event_id": event_id, "timestamp": date.strftime("%Y-%m-%dT%H%M%S.%fZ"),
                         "offset": len(data), "size": len(event)})
            data += event
        journal = self.flood._Journal(rows, data=data, version=version)
        journal.upload()
        return journal.id_

    def mark(self, journal, event_id, data=None):
        """An update, or without data a delete, under a journal: not as update_event looks it up."""
        action = JournalUpdateAction.DELETE if data is None else JournalUpdateAction.UPDATE
        self.write("update/" + JournalUpdateID.make(journal, event_id, action), data or b"")

    # Objects, by their keys below the root.

    def keys(self, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self.root}/{prefix}")
        return [item["Key"][len(self.root) + 1:]
                for page in pages for item in page.get("Contents", ())]

    def state(self):
        """What tells whether somebody wrote here."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self.root}/")
        return [(item["Key"], item["ETag"], item["LastModified"], item["Size"])
                for page in pages for item in page.get("Contents", ())]

    def read(self, key):
        return self.client.get_object(Bucket=self.bucket, Key=f"{self.root}/{key}")["Body"].read()

    def write(self, key, data):
        self.client.put_object(Bucket=self.bucket, Key=f"{self.root}/{key}", Body=data)

    def remove(self, *keys):
        for key in keys:
            self.client.delete_object(Bucket=self.bucket, Key=f"{self.root}/{key}")

    def journal_of(self, event_id):
        """Name of the journal that the index names."""
        return self.flood._journal_for_event(event_id)

    def blob_of(self, event_id):
        return "blobs/" + self.journal_of(event_id).rsplit("--", 1)[1]

    def download(self, folder):
        for key in self.keys():
            path = os.path.join(folder, *key.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(self.read(key))

    def clear(self):
        for key in self.keys():
            self.remove(key)


def text_of(date):
    return date.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

"""What FlashFlood stores is plain objects: boto3, the AWS command line and curl read them, and floods
move as files do."""

import json
import os
import shutil
import subprocess
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(FOLDER), "cli"))

from harness import CliTest, lines_of, main  # noqa: E402
from places import BucketPlace, FolderPlace  # noqa: E402

try:
    import boto3
    import botocore.config
except ImportError:  # a Python of one's own does not see Debian's packages
    boto3 = None


@unittest.skipIf(boto3 is None, "boto3 is not installed for this Python")
class Interoperability(CliTest):
    def setUp(self):
        super().setUp()
        self.assertIsInstance(self.place, BucketPlace, "FLASHFLOOD_TEST_STORE must be s3")
        self.s3 = boto3.client(
            "s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"),
            region_name=os.environ.get("AWS_REGION", "us-east-1"),
            config=botocore.config.Config(s3={"addressing_style": "path"}, signature_version="s3v4"))
        self.addCleanup(self.s3.close)
        self.ok("record", "--id", "id", "--date", "time", stdin=lines_of(3000))
        self.ok("journal")
        self.ok("put", "--id", "late", '{"late": true}')
        self.ok("update", "e000007", '{"changed": 7}')

    def objects(self):
        """Key below the flood's prefix -> bytes, as boto3 sees them."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.place.bucket, Prefix=self.place.prefix + "/")
        found = {}
        for page in pages:
            for item in page.get("Contents", ()):
                got = self.s3.get_object(Bucket=self.place.bucket, Key=item["Key"])
                data = got["Body"].read()
                self.assertEqual(len(data), item["Size"])
                self.assertEqual(got["ContentLength"], item["Size"])
                self.assertEqual(got["ETag"], item["ETag"])
                found[item["Key"][len(self.place.prefix) + 1:]] = data
        return found

    def test_boto3_reads_every_object(self):
        found = self.objects()
        self.assertEqual(json.loads(found["flashflood.json"])["type"], "flashflood")
        kinds = {key.split("/")[0] for key in found}
        self.assertLessEqual({"flashflood.json", "head", "journals", "index"}, kinds)

    def aws(self, *words):
        endpoint = os.environ.get("AWS_ENDPOINT_URL")  # which older versions do not know
        environment = os.environ | {"AWS_CONFIG_FILE": self.path("aws-config"), "AWS_PAGER": ""}
        with open(environment["AWS_CONFIG_FILE"], "w", encoding="utf-8") as file:
            file.write("[default]\ns3 =\n    addressing_style = path\n    signature_version = s3v4\n")
        return subprocess.run(["aws", *(["--endpoint-url", endpoint] if endpoint else []), *words],
                              env=environment, capture_output=True, text=True, check=True).stdout

    @unittest.skipIf(shutil.which("aws") is None, "the AWS command line (awscli) is not installed")
    def test_the_aws_command_line_copies_a_flood(self):
        copy = FolderPlace(self.path("copy"))
        self.aws("s3", "cp", "--recursive", "--only-show-errors", self.place.url, copy.url)
        self.assertEqual({key: copy.read(key) for key in copy.keys()}, self.objects())
        self.assertEqual(self.replay("--store", copy.url), self.replay())
        url = self.aws("s3", "presign", self.place.url + "/flashflood.json", "--expires-in", "60")
        got = subprocess.run(["curl", "-sSf", url.strip()], capture_output=True, check=True).stdout
        self.assertEqual(got, copy.read("flashflood.json"))

    def test_splits_of_flashflood_are_presigned_for_curl(self):
        self.ok("journal")
        splits = self.ok("splits", "--count", "1", "--presign", "5m").out
        journals = [journal for line in splits.splitlines()
                    for journal in json.loads(line)["journals"]]
        self.assertTrue(journals)
        stored = self.objects()
        for journal in journals:
            got = subprocess.run(["curl", "-sSf", journal["url"]], capture_output=True,
                                 check=True).stdout
            self.assertEqual(got, stored[journal["key"]])

    def test_a_flood_copied_to_a_folder_is_the_same_flood(self):
        copy = FolderPlace(self.path("copy"))
        for key, data in self.objects().items():
            os.makedirs(os.path.dirname(copy.path(key)), exist_ok=True)
            copy.write(key, data)
        wanted = self.replay()
        self.assertEqual(len(wanted), 3001)
        self.assertEqual(self.replay("--store", copy.url), wanted)
        self.assertEqual(self.ok("get", "e000007", "--store", copy.url).out, '{"changed": 7}\n')

    def test_a_folder_copied_to_the_bucket_is_the_same_flood(self):
        folder = FolderPlace(self.path("original"))
        self.ok("record", "--id", "id", "--date", "time", "--store", folder.url, stdin=lines_of(500))
        self.ok("journal", "--store", folder.url)
        self.ok("put", "--id", "late", "1", "--store", folder.url)
        for key in folder.keys():
            self.s3.put_object(Bucket=self.place.bucket, Key=f"{self.place.prefix}/copied/{key}",
                               Body=folder.read(key))
        copied = self.place.url + "/copied"
        self.assertEqual(self.replay("--store", copied), self.replay("--store", folder.url))
        self.ok("put", "--id", "more", "2", "--store", copied)
        self.assertEqual(self.ok("get", "more", "--store", copied).out, "2\n")
        self.assertIn("All is well", self.ok("verify", "--store", copied).out)

    def test_curl_reads_presigned_urls(self):
        for key, data in self.objects().items():
            url = self.s3.generate_presigned_url(
                "get_object", {"Bucket": self.place.bucket, "Key": f"{self.place.prefix}/{key}"}, 60)
            got = subprocess.run(["curl", "-sSf", url], capture_output=True, check=True).stdout
            self.assertEqual(got, data, key)


if __name__ == "__main__":
    main()

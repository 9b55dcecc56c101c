"""What can be wrong about a bucket and its keys: each is refused with a message of its own, in bounded
time, and without a secret in it."""

import os

from elsewhere import Elsewhere, main


class Wrong(Elsewhere):
    def test_bucket(self):
        self.refused(["no-such-bucket-here"], "put", "x", "--store", "s3://no-such-bucket-here/f")

    def test_secret(self):
        self.refused([], AWS_SECRET_ACCESS_KEY="wrong" * 8)

    def test_key(self):
        self.refused([], AWS_ACCESS_KEY_ID="NOSUCHKEY0000000")

    def test_tls_where_there_is_none(self):
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        if endpoint.startswith("https:"):
            self.skipTest("the endpoint speaks TLS")
        self.refused([endpoint.split("/")[2]], AWS_ENDPOINT_URL=endpoint.replace("http:", "https:"))


if __name__ == "__main__":
    main()

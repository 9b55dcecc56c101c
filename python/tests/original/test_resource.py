"""What is taken from a boto3 resource."""

import datetime
import os
import time

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.credentials import RefreshableCredentials

from flashflood import FlashFlood, boto
from flashflood.boto import s3_settings
from flashflood.exceptions import InvalidArgument, PermissionDenied


def resource(session=None, **options):
    session = session or boto3.session.Session("key", "secret", "token", region_name="eu-west-1")
    return session.resource("s3", **options)


def settings(bucket="bucket", **options):
    return s3_settings(resource(**options).meta.client, bucket)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def place(**options):
    found = settings(**options)
    return found["endpoint"], found["addressing"]


@pytest.mark.parametrize("options, wanted", [
    ({"endpoint_url": "http://127.0.0.1:9000"}, ("http://127.0.0.1:9000", "path")),
    ({"endpoint_url": "https://s3.example:8443", "config": Config(s3={"addressing_style": "path"})},
     ("https://s3.example:8443", "path")),
    ({"endpoint_url": "https://s3.example",
      "config": Config(s3={"addressing_style": "virtual"})}, ("https://s3.example", "virtual")),
])
def test_endpoint_and_style(options, wanted):
    assert place(**options) == wanted


def test_endpoints_of_aws(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # The region alone says where: another one is learnt from the store.
    assert place() == (None, "virtual")
    assert place(config=Config(s3={"addressing_style": "path"})) == (None, "path")
    assert place(bucket="with.dots")[1] == "path"
    assert place(config=Config(s3={"use_dualstack_endpoint": True})) == (
        "https://s3.dualstack.eu-west-1.amazonaws.com", "virtual")
    assert settings()["region"] == "eu-west-1"
    assert place(use_ssl=False)[0] == "http://s3.eu-west-1.amazonaws.com"
    session = boto3.session.Session("key", "secret", region_name="cn-north-1")
    assert place(session=session) == (None, "virtual")


def test_credentials(monkeypatch):
    monkeypatch.setattr(boto, "S3Credentials", lambda *given: given)
    assert settings()["credentials"]() == ("key", "secret", "token", None)
    assert settings(config=Config(signature_version=botocore.UNSIGNED)).get("anonymous") is True


def test_trust():
    def trust(**options):
        found = settings(**options)
        return found["verify_tls"], found.get("ca_bundle")

    assert trust() == (True, None)
    assert trust(verify=False) == (False, None)
    assert trust(verify="/etc/ssl/ca.pem") == (True, "/etc/ssl/ca.pem")


@pytest.mark.skipif("FLASHFLOOD_TEST_S3_URL" not in os.environ, reason="needs an S3 server")
def test_refreshed_credentials():
    """Keys that were replaced: those that the resource gives count, as soon as the old ones expire."""
    import scenarios
    from stage import BUCKET, Stage

    given = []

    def fetch():
        given.append(datetime.datetime.now(datetime.timezone.utc))
        return {"access_key": os.environ["AWS_ACCESS_KEY_ID"],
                "secret_key": os.environ["AWS_SECRET_ACCESS_KEY"], "token": None,
                "expiry_time": (given[-1] + datetime.timedelta(seconds=1)).isoformat()}

    session = botocore.session.get_session()
    session._credentials = RefreshableCredentials.create_from_metadata(fetch(), fetch, "test")
    stage = Stage()
    resource_of_it = boto3.session.Session(botocore_session=session).resource(
        "s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
    flood = FlashFlood(resource_of_it, BUCKET, stage.prefix)
    scenarios.fill(flood, "a", "b")
    asked = len(given)
    assert asked > 1
    time.sleep(1.5)
    assert [event.event_id for event in flood.replay()] == ["a", "b"]
    assert len(given) > asked
    stage.clear()


@pytest.mark.skipif("FLASHFLOOD_TEST_S3_URL" not in os.environ, reason="needs an S3 server")
def test_wrong_keys():
    from stage import BUCKET

    session = boto3.session.Session("wrong", "keys", region_name="us-east-1")
    flood = FlashFlood(session.resource("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"]), BUCKET,
                       "prefix")
    with pytest.raises(PermissionDenied):
        flood.put(b"")


def test_a_resource_that_moto_answers_for(monkeypatch):
    """Our own requests would go to AWS."""
    moto = pytest.importorskip("moto", reason="moto is not installed")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with moto.mock_aws():
        with pytest.raises(InvalidArgument, match="ThreadedMotoServer.*endpoint_url"):
            settings()
        # A server beside it is no matter of moto's.
        assert settings(endpoint_url="http://127.0.0.1:9000")["endpoint"] == "http://127.0.0.1:9000"
    assert settings()["region"] == "eu-west-1"

"""A bucket as a boto3 resource reaches it: what S3Options takes.

boto3 is not imported: everything comes from the objects that the caller has made.
"""

import re
import sys
from datetime import timezone
from typing import Any
from urllib.parse import urlsplit

from ._native import S3Credentials
from .exceptions import InvalidArgument

__all__ = ["s3_settings"]

_AWS_REGION = re.compile(r"https://s3([.-][a-z0-9-]+)?\.amazonaws\.com(\.cn)?")
_AWS_HOST = re.compile(r"\.amazonaws\.com(\.cn)?$")


def s3_settings(client: Any, bucket: str) -> dict[str, Any]:
    """Arguments of S3Options that reach `bucket` as the boto3 client does."""
    _refuse_mocked(client)
    return {
        "region": _region(client),
        **_endpoint(client, bucket),
        **_credentials(client),
        **_trust(client),
    }


def _refuse_mocked(client: Any) -> None:
    # moto answers inside of botocore, which our own requests do not pass: they would go to AWS.
    models = sys.modules.get("moto.core.models")
    stubber = getattr(models, "botocore_stubber", None)
    if not getattr(stubber, "enabled", False):
        return
    url = client.meta.endpoint_url
    if _AWS_HOST.search(urlsplit(url).hostname or ""):
        raise InvalidArgument(
            f"moto's mock_aws answers for this boto3 client, but FlashFlood makes its own requests, "
            f"and these would go to {url}. Run moto as a server (moto.server.ThreadedMotoServer), "
            "without mock_aws, and give the resource its address as endpoint_url"
        )


def _region(client: Any) -> str | None:
    region = client.meta.region_name
    return "us-east-1" if region == "aws-global" else region  # as botocore signs for it


def _endpoint(client: Any, bucket: str) -> dict[str, Any]:
    # A presigned URL tells, without asking anybody, how boto3 names this bucket.
    url = urlsplit(client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "key"}))
    if url.netloc.startswith(bucket + "."):
        addressing = "virtual"
    elif url.path.startswith(f"/{bucket}/"):
        addressing = "path"
    else:
        raise InvalidArgument(
            f"bucket {bucket!r}: boto3 asks {url.netloc} for it, under another name; give the "
            "bucket's own name"
        )
    endpoint = client.meta.endpoint_url
    # Of a region of AWS: left out, so that it is another one where the bucket turns out to be.
    is_of_region = _AWS_REGION.fullmatch(endpoint)
    return {"endpoint": None if is_of_region else endpoint, "addressing": addressing}


def _credentials(client: Any) -> dict[str, Any]:
    # The client has no public name for them.
    credentials = client._request_signer._credentials
    if credentials is None or _is_unsigned(client):
        return {"anonymous": True}

    def current() -> S3Credentials:
        # Refreshes those that are about to expire, as boto3 does before a request.
        frozen = credentials.get_frozen_credentials()
        expires = getattr(credentials, "_expiry_time", None)
        return S3Credentials(
            frozen.access_key,
            frozen.secret_key,
            frozen.token,
            expires.astimezone(timezone.utc) if expires is not None else None,
        )

    return {"credentials": current}


def _is_unsigned(client: Any) -> bool:
    # botocore.UNSIGNED, which is not a text.
    return not isinstance(client.meta.config.signature_version, str)


def _trust(client: Any) -> dict[str, Any]:
    verify = client._endpoint.http_session._verify
    if isinstance(verify, str):
        return {"verify_tls": True, "ca_bundle": verify}
    return {"verify_tls": bool(verify)}

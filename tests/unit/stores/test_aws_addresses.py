"""Where requests to AWS go."""

from __future__ import annotations

import pytest

from openapi_shim.errors import AwsError, ConfigError, StoreError
from openapi_shim.stores.aws_requests import AwsRequests

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}


async def url(environ: dict[str, str], bucket: str = "bucket", key: str = "a/照 片.jpg") -> str:
    requests = AwsRequests({**KEYS, **environ})
    return (await requests.presigned_url("GET", bucket, key, seconds=60)).partition("?")[0]


@pytest.mark.parametrize(
    ("environ", "bucket", "start"),
    [
        ({"AWS_REGION": "us-east-1"}, "bucket", "https://bucket.s3.us-east-1.amazonaws.com/a/"),
        (
            {"AWS_DEFAULT_REGION": "cn-north-1"},
            "bucket",
            "https://bucket.s3.cn-north-1.amazonaws.com.cn/a/",
        ),
        # A dot would not match the certificate of the host.
        ({"AWS_REGION": "us-east-1"}, "b.ucket", "https://s3.us-east-1.amazonaws.com/b.ucket/a/"),
        (
            {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:5000/"},
            "bucket",
            "http://127.0.0.1:5000/bucket/a/",
        ),
        (
            {
                "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
                "AWS_ENDPOINT_URL_S3": "https://files.example:8443",
            },
            "bucket",
            "https://files.example:8443/bucket/a/",
        ),
    ],
)
async def test_addresses_of_s3(environ: dict[str, str], bucket: str, start: str) -> None:
    assert await url(environ, bucket) == f"{start}%E7%85%A7%20%E7%89%87.jpg"


async def test_no_region() -> None:
    with pytest.raises(ConfigError, match="AWS_REGION is not set"):
        AwsRequests({})


@pytest.mark.parametrize("bad", ["localhost:5000", "ftp://x", "http://", "http://host/path"])
async def test_an_endpoint_that_is_no_address(bad: str) -> None:
    with pytest.raises(ConfigError, match="AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is no address"):
        await url({"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": bad})


async def test_no_keys() -> None:
    for environ in ({}, {"AWS_ACCESS_KEY_ID": "AKID"}):
        requests = AwsRequests({"AWS_REGION": "us-east-1", **environ})
        with pytest.raises(StoreError, match="no keys of AWS: give the function or task a role"):
            await requests.call("dynamodb", "ListTables", {})


@pytest.mark.parametrize(
    "agent", ["http://evil.example/keys", "http://169.254.169.254/latest", "file:///etc/passwd"]
)
async def test_keys_are_not_asked_for_in_the_clear(agent: str) -> None:
    environ = {"AWS_REGION": "us-east-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent}
    with pytest.raises(StoreError, match="without TLS"):
        await AwsRequests(environ).call("dynamodb", "ListTables", {})


async def test_keys_may_end_in_a_line_break() -> None:
    keys = {name: f"{value}\n" for name, value in KEYS.items()}
    requests = AwsRequests({"AWS_REGION": "us-east-1", **keys})
    url = await requests.presigned_url("GET", "bucket", "key", seconds=60)
    assert "X-Amz-Credential=AKID%2F" in url


@pytest.mark.parametrize(
    ("key", "content_type"), [("\ud800", "image/png"), ("key", "image/png\r\nX-Evil: 1")]
)
async def test_what_cannot_be_sent(key: str, content_type: str) -> None:
    requests = AwsRequests(
        {"AWS_REGION": "us-east-1", **KEYS, "AWS_ENDPOINT_URL": "http://[::1]:1"}
    )
    with pytest.raises(
        AwsError, match=r"S3 PutObject: a key must be text .* printable ASCII"
    ) as caught:
        await requests.put_object("bucket", key, b"", content_type=content_type)
    assert caught.value.undone

"""Signatures for AWS: the examples of its documentation, and what must never show."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from openapi_shim.protocol.sigv4 import (
    AwsKeys,
    Scope,
    encoded_path,
    encoded_query,
    signed_headers,
    signed_query,
)

# "Authenticating Requests", Amazon S3 API Reference: its keys, bucket and moment.
KEYS = AwsKeys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SCOPE = Scope("us-east-1", "s3", datetime(2013, 5, 24, tzinfo=timezone.utc).timestamp())
HOST = "examplebucket.s3.amazonaws.com"


def signature(headers: dict[str, str]) -> str:
    return headers["Authorization"].rpartition("Signature=")[2]


def test_a_get_with_a_range() -> None:
    headers = signed_headers(
        "GET",
        HOST,
        "/test.txt",
        headers={"Range": "bytes=0-9"},
        body=b"",
        keys=KEYS,
        scope=SCOPE,
    )
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )
    assert headers["X-Amz-Date"] == "20130524T000000Z"


def test_a_put_with_a_body_and_a_key_to_encode() -> None:
    headers = signed_headers(
        "PUT",
        HOST,
        "/test$file.text",
        headers={
            "Date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        body=b"Welcome to Amazon S3.",
        keys=KEYS,
        scope=SCOPE,
    )
    assert signature(headers) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            [("lifecycle", "")],
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            [("prefix", "J"), ("max-keys", "2")],
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_gets_with_queries(query: list[tuple[str, str]], expected: str) -> None:
    headers = signed_headers(
        "GET", HOST, "/", query=query, headers={}, body=b"", keys=KEYS, scope=SCOPE
    )
    assert signature(headers) == expected


def test_a_presigned_url() -> None:
    query = signed_query(
        "GET", HOST, "/test.txt", headers={}, seconds=86400, keys=KEYS, scope=SCOPE
    )
    assert query.endswith(
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_the_token_of_a_role_is_signed_too() -> None:
    keys = AwsKeys("AKID", "key", "token/+=")
    headers = signed_headers("POST", "h", "/", headers={}, body=b"", keys=keys, scope=SCOPE)
    assert headers["X-Amz-Security-Token"] == "token/+="
    assert ";x-amz-security-token," in headers["Authorization"]
    query = signed_query("GET", "h", "/", headers={}, seconds=60, keys=keys, scope=SCOPE)
    assert "X-Amz-Security-Token=token%2F%2B%3D" in query


def test_only_s3_gets_the_hash_as_a_header() -> None:
    scope = Scope("us-east-1", "dynamodb", 0)
    headers = signed_headers("POST", "h", "/", headers={}, body=b"", keys=KEYS, scope=scope)
    assert set(headers) == {"X-Amz-Date", "Authorization"}


def test_secrets_do_not_show() -> None:
    assert repr(AwsKeys("AKID", "secret", "token")) == "AwsKeys(id='AKID')"


def test_paths_and_queries_are_encoded_once() -> None:
    assert encoded_path("/a b/照片+~.jpg") == "/a%20b/%E7%85%A7%E7%89%87%2B~.jpg"
    assert encoded_path("") == "/"
    assert encoded_query([("b", "1 2"), ("a", "x/y"), ("a", "")]) == "a=&a=x%2Fy&b=1%202"

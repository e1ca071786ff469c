"""Our signatures beside botocore's, on generated requests. Needs botocore, as ``dev`` has it."""

from __future__ import annotations

from datetime import datetime, timezone
from unittest import mock

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.protocol.sigv4 import (
    AwsKeys,
    Scope,
    encoded_path,
    encoded_query,
    signed_headers,
    signed_query,
)

WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
VALUES = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=30)
HEADERS = st.dictionaries(WORDS.map(lambda word: f"X-Amz-Meta-{word.lower()}"), VALUES, max_size=4)
# What a bucket may hold, dot segments and double slashes among it.
S3_PATHS = st.text(st.characters(codec="utf-8"), max_size=40).map(lambda path: f"/{path}")
QUERIES = st.lists(st.tuples(WORDS, st.text(st.characters(codec="utf-8"), max_size=10)), max_size=4)
KEYS = st.builds(AwsKeys, WORDS, VALUES.filter(bool), st.one_of(st.just(""), WORDS))
MOMENTS = st.integers(0, 4_000_000_000)
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE"])
HOSTS = st.sampled_from(["b.s3.eu-central-1.amazonaws.com", "127.0.0.1:5000", "[::1]:5000"])
REGIONS = st.sampled_from(["us-east-1", "cn-north-1"])
S3 = st.builds(Scope, REGIONS, st.just("s3"), MOMENTS)
DYNAMODB = st.builds(Scope, REGIONS, st.just("dynamodb"), MOMENTS)


def theirs(keys: AwsKeys) -> Credentials:
    return Credentials(keys.id, keys.secret, keys.token or None)


def at(moment: float) -> mock._patch[mock.MagicMock]:
    """botocore's clock, stopped."""
    now = datetime.fromtimestamp(moment, timezone.utc)
    return mock.patch("botocore.auth.get_current_datetime", return_value=now)


@given(METHODS, HOSTS, S3_PATHS, QUERIES, HEADERS, st.binary(max_size=50), KEYS, S3)
def test_s3(
    method: str,
    host: str,
    path: str,
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
    keys: AwsKeys,
    scope: Scope,
) -> None:
    url = f"http://{host}{encoded_path(path)}?{encoded_query(query)}"
    request = AWSRequest(method, url, headers=headers, data=body)
    with at(scope.moment):
        S3SigV4Auth(theirs(keys), "s3", scope.region).add_auth(request)
    ours = signed_headers(
        method,
        host,
        path,
        query=query,
        headers=headers,
        body=body,
        keys=keys,
        scope=scope,
    )
    assert ours == dict(request.headers.items())


@given(HOSTS, HEADERS, st.binary(max_size=200), KEYS, DYNAMODB)
def test_json_services(
    host: str, headers: dict[str, str], body: bytes, keys: AwsKeys, scope: Scope
) -> None:
    complete = {
        **headers,
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.UpdateItem",
    }
    request = AWSRequest("POST", f"http://{host}/", headers=complete, data=body)
    with at(scope.moment):
        SigV4Auth(theirs(keys), "dynamodb", scope.region).add_auth(request)
    ours = signed_headers("POST", host, "/", headers=complete, body=body, keys=keys, scope=scope)
    assert ours == dict(request.headers.items())


@given(
    st.sampled_from(["GET", "PUT"]),
    HOSTS,
    S3_PATHS,
    HEADERS,
    st.integers(1, 604_800),
    KEYS,
    S3,
)
def test_presigned_urls(
    method: str,
    host: str,
    path: str,
    headers: dict[str, str],
    seconds: int,
    keys: AwsKeys,
    scope: Scope,
) -> None:
    request = AWSRequest(method, f"http://{host}{encoded_path(path)}", headers=headers)
    with at(scope.moment):
        S3SigV4QueryAuth(theirs(keys), "s3", scope.region, expires=seconds).add_auth(request)
    query = signed_query(
        method,
        host,
        path,
        headers=headers,
        seconds=seconds,
        keys=keys,
        scope=scope,
    )
    # In another order, which the signature does not see.
    assert request.url is not None
    assert sorted(query.split("&")) == sorted(request.url.partition("?")[2].split("&"))

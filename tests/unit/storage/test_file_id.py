from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openapi_shim.emulator.storage.file_id import (
    FileId,
    bucket_of,
    check_path,
    env_of,
    parse_file_id,
)
from openapi_shim.errors import GatewayError, StorageError

ENVS = st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True)


def test_a_file_id_in_its_parts() -> None:
    text = "cloud://local-env.6c6f-local-env-1250000000/a/照片 1.jpg"
    found = parse_file_id(text)
    assert found == FileId("local-env", "6c6f-local-env-1250000000", "a/照片 1.jpg")
    assert str(found) == text


@pytest.mark.parametrize(
    "bucket", ["7072-prod-1a2b3c-1300000001", "7072-prod-1a2b3c", "7072-prod-1a2b3c-1250000000"]
)
def test_an_account_of_the_real_platform_is_understood(bucket: str) -> None:
    assert parse_file_id(f"cloud://prod-1a2b3c.{bucket}/a.jpg").path == "a.jpg"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.jpg",
        "cloud://",
        "cloud://local-env/a.jpg",
        "cloud://local-env.6c6f-local-env-1250000000",
        "cloud://local-env.6c6f-local-env-1250000000/",
        "cloud://local-env.6c6f-local-env-1250000000//a.jpg",
        "cloud://local-env.6c6f-local-env-1250000000/../a.jpg",
        "cloud://local-env.6c6f-local-env-1250000000/a/",
        "cloud://local-env.6c6f-other-1250000000/a.jpg",
        "cloud://local-env.0000-local-env-1250000000/a.jpg",
        "cloud://../a.jpg",
        "CLOUD://local-env.6c6f-local-env-1250000000/a.jpg",
        " cloud://local-env.6c6f-local-env-1250000000/a.jpg",
        "https://local-env.6c6f-local-env-1250000000/a.jpg",
    ],
)
def test_what_is_no_file_id(text: str) -> None:
    with pytest.raises(StorageError) as caught:
        parse_file_id(text)
    assert caught.value.code == "INVALID_PARAM"
    assert isinstance(caught.value, GatewayError)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "is empty"),
        ("/a.jpg", "begins with /"),
        ("a/", "ends with /"),
        ("a//b", "has // in it"),
        ("..", "a segment . or .."),
        ("a/../b", "a segment . or .."),
        ("./a", "a segment . or .."),
        ("a\0b", "control character"),
        ("a\nb", "control character"),
        ("a\x7f", "control character"),
        ("a\ud800", "surrogate"),
        ("照" * 284, "852 bytes, more than 850"),
    ],
)
def test_a_path_that_cannot_be(path: str, reason: str) -> None:
    with pytest.raises(StorageError, match=reason):
        check_path(path)


@pytest.mark.parametrize("path", ["a", "a.b/c", "...", "a\\..\\b", "CON", "x" * 850, "100%.txt"])
def test_a_path_that_can_be(path: str) -> None:
    check_path(path)


@settings(deadline=None)
@given(ENVS)
def test_buckets_and_environments_belong_together(env: str) -> None:
    assert env_of(bucket_of(env)) == env


@pytest.mark.parametrize("bucket", ["", "x", "..", "6c6f-other-1250000000", "6c6f-local-env-1"])
def test_what_is_no_bucket_here(bucket: str) -> None:
    assert env_of(bucket) is None

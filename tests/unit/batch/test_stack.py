"""What is missing on the operator's side is told before anything is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from openapi_shim.batch.jobs import job_named, job_of
from openapi_shim.errors import BatchError
from openapi_shim.settings import load_settings


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile, no keys, no region, and no service that gives some."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def told(name: str) -> str:
    with pytest.raises(BatchError) as caught:
        job_named(name, load_settings(environ={})).summary()
    return str(caught.value)


def test_no_region() -> None:
    assert told("s3://bucket/x") == "no region of AWS: set AWS_REGION or one in your profile"


def test_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert told("s3-bucket-x-12345678").startswith("no keys for AWS: log in")


def test_no_such_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "nobody" in told("s3://bucket/x")


def test_no_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert told("s3://bucket/x").startswith("photos in S3 need boto3: install it: pip install")


def test_the_same_prefix_is_the_same_job() -> None:
    settings = load_settings(environ={})
    first, second, other = (
        job_of(source, settings).name  # type: ignore[attr-defined]  # a job of S3 has a name
        for source in ("s3://bucket/深/", "s3://bucket/深/", "s3://bucket/层/")
    )
    assert first == second != other
    assert first.isascii()

"""Forms for uploads: what they allow."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from openapi_shim.aws import uploads
from openapi_shim.errors import ConfigError
from openapi_shim.protocol.sigv4 import AwsKeys, Scope, text_signature


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret/key",
        "AWS_SESSION_TOKEN": "token",
        "OPENAPI_SHIM_BUCKET": "photos",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    uploads._place.cache_clear()
    yield
    uploads._place.cache_clear()


def policy_of(fields: dict[str, str]) -> Any:
    return json.loads(base64.b64decode(fields["policy"]))


def signature_of(fields: dict[str, str]) -> str:
    """The signature that the policy of a form must have."""
    stamp = fields["x-amz-date"]
    moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    keys = AwsKeys("AKID", "secret/key", "token")
    return text_signature(fields["policy"], keys, Scope("eu-west-1", "s3", moment.timestamp()))


async def test_the_form() -> None:
    answer = await uploads.main({"contentType": "image/png"}, {"namespace": "stack"})
    fields = answer["fields"]
    assert answer["url"] == "https://photos.s3.eu-west-1.amazonaws.com/"
    assert fields["key"].startswith("uploads/")
    assert fields["key"].endswith(".png")
    assert answer["fileID"] == f"cloud://stack.photos/{fields['key']}"
    policy = policy_of(fields)
    assert {"bucket": "photos"} in policy["conditions"]
    assert ["content-length-range", 1, answer["maxBytes"]] in policy["conditions"]
    for name, value in fields.items():
        if name not in {"policy", "x-amz-signature"}:
            assert {name: value} in policy["conditions"]  # S3 refuses fields without a condition
    end = datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert abs(end.timestamp() - answer["expires"]) <= 1
    assert fields["x-amz-signature"] == signature_of(fields)


async def test_no_two_photos_get_one_place() -> None:
    places = {(await uploads.main({}, {}))["fileID"] for _ in range(20)}
    assert len(places) == 20


@pytest.mark.parametrize("event", [{"contentType": "text/html"}, {"contentType": []}, None, [1]])
async def test_what_is_no_image(event: Any) -> None:
    answer = await uploads.main(event, {})
    assert answer["errCode"] == -501007
    assert "image/jpeg" in answer["errMsg"]


async def test_without_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAPI_SHIM_BUCKET")
    with pytest.raises(ConfigError, match="OPENAPI_SHIM_BUCKET"):
        await uploads.main({}, {})

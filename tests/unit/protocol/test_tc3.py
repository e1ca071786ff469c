"""Signatures, against requests that the unmodified Node SDKs signed with a known key."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.protocol import tc3

ID, KEY = "AKIDtest", "secretkey"
RECORDED = json.loads((Path(__file__).parent / "signed_requests.json").read_text("utf-8"))


def members(request: dict[str, Any]) -> dict[str, Any]:
    if "json" in request:
        return dict(request["json"])
    return {
        name: value if isinstance(value, str) else base64.b64decode(value["base64"])
        for name, value in request["form"].items()
    }


def check(request: dict[str, Any], **changes: Any) -> bool:
    values = {
        "secret_key": KEY,
        "url": request["url"],
        "headers": request["headers"],
        "params": members(request),
        "timestamp": int(request["headers"]["x-timestamp"]),
        **changes,
    }
    return tc3.verify(tc3.parse(request["headers"]["authorization"]), **values)


@pytest.mark.parametrize("request_", RECORDED, ids=lambda request: request["sdk"])
def test_the_node_sdks_signatures_are_right(request_: dict[str, Any]) -> None:
    assert check(request_)
    assert not check(request_, secret_key="another")
    assert not check(request_, url=request_["url"] + "1")
    assert not check(request_, method="get")
    assert not check(request_, timestamp=int(request_["headers"]["x-timestamp"]) + 1)
    assert not check(request_, params={**members(request_), "action": "wx.other"})
    assert not check(request_, headers={**request_["headers"], "x-tcb-source": "other"})
    without = {name: value for name, value in request_["headers"].items() if name != "host"}
    assert not check(request_, headers=without)


@pytest.mark.parametrize("request_", [request for request in RECORDED if request["sdk"] == "4.0.2"])
def test_we_sign_as_the_current_node_sdk_does(request_: dict[str, Any]) -> None:
    recorded = tc3.parse(request_["headers"]["authorization"])
    ours = tc3.authorization(
        secret_id=ID,
        secret_key=KEY,
        url=request_["url"],
        headers={name: request_["headers"][name] for name in recorded.headers},
        params=members(request_),
        timestamp=int(request_["headers"]["x-timestamp"]),
    )
    assert ours == request_["headers"]["authorization"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer x",
        "TC3-HMAC-SHA256 Credential=a/2026-01-01/tcb/tc3_request, SignedHeaders=host, Signature=1",
        f"TC3-HMAC-SHA256 Credential=a/b/tcb/tc3_request, SignedHeaders=host, Signature={'0' * 64}",
    ],
)
def test_what_is_no_authorization(header: str) -> None:
    with pytest.raises(ValueError, match="not a TC3"):
        tc3.parse(header)


def test_a_time_beyond_all_calendars_is_refused() -> None:
    assert not check(RECORDED[0], timestamp=10**18)


NAMES = st.text(st.sampled_from("abcXYZ_-09"), min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    params=st.dictionaries(NAMES, st.text() | st.binary() | JSON, max_size=6),
    key=st.text(max_size=20),
    timestamp=st.integers(0, 4_000_000_000),
)
def test_what_is_signed_verifies_and_nothing_else_does(
    params: dict[str, Any], key: str, timestamp: int
) -> None:
    headers = {"Host": "h:1", "Content-Type": "application/json", "X-Odd": " A\u00e4 "}
    request: Any = {
        "url": "http://h:1/admin?env=e&seqId=1",
        "headers": headers,
        "params": params,
        "timestamp": timestamp,
    }
    header = tc3.authorization(secret_id=ID, secret_key=key, **request)
    parsed = tc3.parse(header)
    assert parsed.secret_id == ID
    assert tc3.verify(parsed, secret_key=key, **request)
    assert not tc3.verify(parsed, secret_key=key + "x", **request)

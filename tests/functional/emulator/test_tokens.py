"""The token endpoints over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import JPEG, Emulate, Emulator

ACCOUNT = {"grant_type": "client_credential", "appid": "wx1", "secret": "s3cret"}
TOKEN, STABLE = "/cgi-bin/token", "/cgi-bin/stable_token"


async def test_both_endpoints(emulator: Emulator) -> None:
    answer = await emulator.call("GET", TOKEN, authorized=False, params=ACCOUNT)
    assert list(answer.body) == ["access_token", "expires_in"]
    assert answer.body["expires_in"] == 7200
    answer = await emulator.call("POST", TOKEN, authorized=False, params=ACCOUNT)
    assert answer.body["access_token"]
    answer = await emulator.call("POST", TOKEN, authorized=False, data=ACCOUNT)
    assert answer.body["access_token"]
    stable = await emulator.call("POST", STABLE, authorized=False, json=ACCOUNT)
    again = await emulator.call("POST", STABLE, authorized=False, json=ACCOUNT)
    assert stable.body == again.body
    forced = await emulator.call(
        "POST", STABLE, authorized=False, json=ACCOUNT | {"force_refresh": True}
    )
    assert forced.body["access_token"] != stable.body["access_token"]


@pytest.mark.parametrize(
    ("method", "path", "options", "errcode", "reason"),
    [
        ("GET", TOKEN, {"params": ACCOUNT | {"grant_type": "x"}}, 40002, "'x'"),
        ("GET", TOKEN, {"params": {"grant_type": "client_credential"}}, 41002, "appid is missing"),
        ("GET", TOKEN, {"params": ACCOUNT | {"secret": ""}}, 41004, "secret is missing"),
        ("PUT", TOKEN, {"params": ACCOUNT}, 43002, "the method is PUT"),
        ("DELETE", TOKEN, {}, 43002, "the method is DELETE"),
        ("GET", STABLE, {"params": ACCOUNT}, 43002, "with POST"),
        ("POST", STABLE, {}, 44002, "the body is empty"),
        ("POST", STABLE, {"data": b"{"}, 47001, "not JSON"),
        ("POST", STABLE, {"data": b"[]"}, 47001, "not an object"),
        ("POST", STABLE, {"data": b"x" * 70_000}, 47001, "more than 65536 bytes"),
        ("POST", STABLE, {"json": ACCOUNT | {"appid": 5}}, 41002, "appid is missing"),
    ],
)
async def test_refusals(
    emulator: Emulator, method: str, path: str, options: Any, errcode: int, reason: str
) -> None:
    answer = await emulator.call(method, path, authorized=False, **options)
    assert answer.errcode == errcode
    assert reason in answer.reason
    assert re.search(r"hint: \[\w{14}\] rid: [0-9a-f-]{26}$", answer.body["errmsg"])


async def test_a_configured_account(emulate: Emulate) -> None:
    emulator = await emulate(emulator_appid="wx1", emulator_secret="s3cret")
    for change, errcode in (({}, 0), ({"appid": "wx2"}, 40013), ({"secret": "no"}, 40125)):
        answer = await emulator.call("GET", TOKEN, authorized=False, params=ACCOUNT | change)
        assert answer.errcode == errcode
    assert "s3cret" not in emulator.log()


async def test_an_expired_token(emulator: Emulator) -> None:
    assert (await emulator.upload(JPEG)).errcode == 0
    emulator.clock.now += 7200
    answer = await emulator.upload(JPEG)
    assert answer.errcode == 42001
    assert "expired 0 s ago" in answer.reason


async def test_a_superseded_and_an_unknown_token(emulator: Emulator) -> None:
    await emulator.new_token()
    assert (await emulator.upload(JPEG)).errcode == 0
    emulator.clock.now += 301
    answer = await emulator.upload(JPEG)
    assert answer.errcode == 40001
    assert "a newer access token replaced this one" in answer.reason
    emulator.token = f"17_{'x' * 133}"
    answer = await emulator.upload(JPEG)
    assert answer.errcode == 40001
    assert "never given out here" in answer.reason
    answer = await emulator.recognize(authorized=False)
    assert answer.errcode == 41001


async def test_tokens_and_secrets_stay_out_of_the_log(emulator: Emulator) -> None:
    await emulator.upload(JPEG)
    await emulator.call("POST", STABLE, authorized=False, json=ACCOUNT)
    assert emulator.token not in emulator.log()
    assert "s3cret" not in emulator.log()
    assert "access_token" not in emulator.log()
    assert "appid=wx1" in emulator.log()


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "application/json"])
async def test_a_body_that_is_no_json(emulator: Emulator, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answer = await emulator.call("POST", STABLE, authorized=False, data=b"junk", headers=headers)
    assert answer.errcode == 47001
    assert "line 1 column 1" in answer.reason

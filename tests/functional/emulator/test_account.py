"""An account's own calls: quota/get, clear_quota, rid/get."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import JPEG, Answer, Emulate, Emulator

OCR = "/cv/ocr/drivinglicense"
QUOTA, CLEAR, RID = "/cgi-bin/openapi/quota/get", "/cgi-bin/clear_quota", "/cgi-bin/openapi/rid/get"


async def quota_of(emulator: Emulator, path: str = OCR) -> dict[str, int]:
    answer = await emulator.call("POST", QUOTA, json={"cgi_path": path})
    assert list(answer.body) == ["errcode", "errmsg", "quota"]
    found: dict[str, int] = answer.body["quota"]
    return found


async def test_the_quota_is_told_and_cleared(emulate: Emulate) -> None:
    emulator = await emulate(daily_quota=2)
    assert await quota_of(emulator) == {"daily_limit": 2, "used": 0, "remain": 2}
    for _ in range(2):
        assert (await emulator.upload(JPEG)).errcode == 0
    assert await quota_of(emulator) == {"daily_limit": 2, "used": 2, "remain": 0}
    assert (await quota_of(emulator, "/cv/ocr/idcard"))["used"] == 0
    assert (await emulator.upload(JPEG)).errcode == 101003
    for _ in range(10):
        assert (await clear(emulator)).body == {"errcode": 0, "errmsg": "ok"}
    assert await quota_of(emulator) == {"daily_limit": 2, "used": 0, "remain": 2}
    assert (await emulator.upload(JPEG)).errcode == 0
    answer = await clear(emulator)
    assert answer.errcode == 48006
    assert "10 times" in answer.reason


async def clear(emulator: Emulator, appid: Any = "wx1") -> Answer:
    return await emulator.call("POST", CLEAR, json={"appid": appid})


async def test_bought_calls_come_after_the_free_ones(emulate: Emulate) -> None:
    emulator = await emulate(daily_quota=1, bought_quota=1)
    assert (await emulator.upload(JPEG)).errcode == 0
    assert (await emulator.upload(JPEG)).errcode == 0
    assert (await emulator.upload(JPEG)).errcode == 101003
    emulator.clock.now += 86_400
    emulator.token = await emulator.new_token()
    assert (await emulator.upload(JPEG)).errcode == 0
    answer = await emulator.upload(JPEG)
    assert answer.errcode == 101003
    assert "the 1 that were bought" in answer.reason


async def test_tokens_are_counted_too(emulator: Emulator) -> None:
    before = await quota_of(emulator, "/cgi-bin/token")
    assert before["daily_limit"] == 2000
    await emulator.new_token()
    assert (await quota_of(emulator, "/cgi-bin/token"))["used"] == before["used"] + 1
    await emulator.new_token("wx2")
    assert (await quota_of(emulator, "/cgi-bin/token"))["used"] == before["used"] + 1


@pytest.mark.parametrize(
    ("path", "body", "errcode", "reason"),
    [
        (QUOTA, {"cgi_path": "https://api.weixin.qq.com/cv/ocr/drivinglicense"}, 76003, "alone"),
        (QUOTA, {"cgi_path": "cv/ocr/drivinglicense"}, 76003, "from its slash on"),
        (QUOTA, {"cgi_path": "/cv/ocr/nothing"}, 76021, "no operation at '/cv/ocr/nothing'"),
        (QUOTA, {"cgi_path": "/tcb/invokecloudfunction"}, 76022, "does not count"),
        (QUOTA, {}, 40097, "has no cgi_path"),
        (QUOTA, {"cgi_path": 5}, 40097, "has no cgi_path"),
        (CLEAR, {}, 41002, "has no appid"),
        (CLEAR, {"appid": "wx2"}, 40013, "the access token belongs to another appid, wx1"),
        (RID, {}, 40097, "has no rid"),
        (RID, {"rid": "x"}, 76001, "three times 8 hexadecimal digits"),
        (RID, {"rid": "5f9bacd4-723830a2-0d2a598e"}, 76001, "this server keeps no requests"),
        (RID, [], 47001, "not an object"),
    ],
)
async def test_refusals(
    emulator: Emulator, path: str, body: Any, errcode: int, reason: str
) -> None:
    answer = await emulator.call("POST", path, json=body)
    assert answer.errcode == errcode
    assert reason in answer.reason
    assert (await emulator.call("GET", path)).errcode == 43002
    assert (await emulator.call("POST", path, authorized=False, json=body)).errcode == 41001


async def test_a_request_id_is_looked_up(emulate: Emulate) -> None:
    emulator = await emulate(remember=True)
    failed = await emulator.recognize(params={"imgUrl": "http://127.0.0.1/a?sign=s3cret"})
    rid = failed.headers["X-Openapi-Shim-Rid"]
    emulator.clock.now += 7 * 86_400 - 7000  # in the life of the next token
    emulator.token = await emulator.new_token()
    answer = await emulator.call("POST", RID, json={"rid": f" rid: {rid.upper()}"})
    told = answer.body["request"]
    assert list(told) == [
        "invoke_time", "cost_in_ms", "request_url", "request_body", "response_body", "client_ip"
    ]  # fmt: skip
    assert told["invoke_time"] == int(emulator.clock.now) - 7 * 86_400 + 7000
    assert told["request_url"] == "access_token=***&imgUrl=***"
    assert json.loads(told["response_body"]) == failed.body
    assert told["client_ip"] == "127.0.0.1"
    emulator.clock.now += 7001
    emulator.token = await emulator.new_token()
    old = await emulator.call("POST", RID, json={"rid": rid})
    assert old.errcode == 76001
    assert "of the last 7 days" in old.reason


async def test_neither_secrets_nor_other_accounts_requests_are_told(emulate: Emulate) -> None:
    emulator = await emulate(remember=True)
    good = await emulator.upload(JPEG)
    answer = await emulator.call("POST", RID, json={"rid": good.headers["X-Openapi-Shim-Rid"]})
    told = answer.body["request"]
    assert json.loads(told["response_body"])["name"] == "***"
    assert told["request_body"].startswith("multipart/form-data of ")
    token = await emulator.call(
        "GET", "/cgi-bin/token", authorized=False,
        params={"grant_type": "client_credential", "appid": "wx2", "secret": "hush"},
    )  # fmt: skip
    emulator.token = token.body["access_token"]
    asked = {"rid": token.headers["X-Openapi-Shim-Rid"]}
    told = (await emulator.call("POST", RID, json=asked)).body["request"]
    assert "hush" not in json.dumps(told)
    assert emulator.token not in json.dumps(told)
    foreign = await emulator.call("POST", RID, json={"rid": good.headers["X-Openapi-Shim-Rid"]})
    assert foreign.errcode == 76001
    assert "by another appid, wx1, and the token is wx2's" in foreign.reason

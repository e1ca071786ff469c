"""callFunction, by the gateway and by WeChat's server API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError

from .conftest import Recorder
from .gateway import is_signed, members_of


async def failure(call: Any) -> CloudError:
    with pytest.raises(CloudError) as caught:
        await call
    return caught.value


def done(response_data: Any) -> dict[str, Any]:
    return {"requestId": "r1", "data": {"response_data": response_data}}


async def test_an_event_of_some_megabytes(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [done("1")]
    data = {"img": "x" * 3_000_000}
    assert (await platform.callFunction({"name": "read", "data": data}))["result"] == 1
    (seen,) = wechat.seen
    assert is_signed(seen)
    assert json.loads(members_of(seen)["request_data"]) == data


async def test_a_call_as_it_travels(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [done('{"sum":3}')]
    data = {"a": 1.0, "b": "\ud800中\u2028", "c": None, "when": b"\x01"}
    assert await platform.callFunction({"name": "add", "data": data}) == {
        "result": {"sum": 3},
        "errMsg": "callFunction:ok",
        "requestID": "r1",
    }
    (seen,) = wechat.seen
    assert is_signed(seen)
    assert members_of(seen) == {
        "action": "functions.invokeFunction",
        "function_name": "add",
        "request_data": '{"a":1,"b":"\\ud800中\u2028","c":null,'
        '"when":{"type":"Buffer","data":[1]}}',
        "envName": "local-env",
        "wxCloudApiToken": "tok",
        "tcb_sessionToken": "",
        "sessionToken": "session",
        "crossAuthorizationToken": "",
    }


@pytest.mark.parametrize(
    ("response_data", "result"),
    [
        ("", ""),
        ("text", "text"),
        ("null", None),
        ('"123"', 123),  # a text that is JSON is heard as JSON, as by the SDK
        ('"\\"123\\""', "123"),
        ('"NaN"', "NaN"),
        (str(2**60), 2**60),
        (None, None),
        ({"a": 1}, {"a": 1}),
    ],
)
async def test_what_the_function_returned(
    platform: Cloud, wechat: Recorder, response_data: Any, result: Any
) -> None:
    wechat.answers = [done(response_data)]
    assert (await platform.callFunction(name="f"))["result"] == result
    assert members_of(wechat.seen[0])["request_data"] == "{}"


@pytest.mark.parametrize(
    ("answer", "code", "text", "request_id"),
    [
        (
            {"code": "FUNCTIONS_EXECUTE_FAIL", "message": "boom", "requestId": "r1"},
            -504002,
            "callFunction:fail -504002 functions execute fail. requestID r1, boom",
            "r1",
        ),
        (
            {"code": "NOBODY_KNOWS", "message": "boom"},
            -501001,
            "callFunction:fail -501001 resource system error. boom",
            "",
        ),
        ({"requestId": "r"}, -1, "callFunction:fail the gateway's answer has no data", ""),
        ([1], -1, "callFunction:fail the gateway answered JSON that is no object", ""),
        ("hang up", -1, "callFunction:fail socket hang up", ""),
        (web.Response(text="zzz"), -1, "callFunction:fail the gateway answered something", ""),
        (web.Response(status=500), -1, "callFunction:fail 500 Internal Server Error | [http", ""),
    ],
)
async def test_what_can_go_wrong(
    platform: Cloud, wechat: Recorder, answer: Any, code: int, text: str, request_id: str
) -> None:
    wechat.answers = [answer]
    error = await failure(platform.callFunction(name="f"))
    assert (error.errCode, error.requestId) == (code, request_id)
    assert error.errMsg.startswith(text)
    assert len(wechat.seen) == 1


CYCLE: dict[str, Any] = {}
CYCLE["again"] = CYCLE


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": 1}, "parameter.name should be string instead of number;"),
        ({"name": "f", "data": None}, "parameter.data should be object instead of null;"),
        ({"name": "f", "data": [1]}, "parameter.data should be object instead of array;"),
        ({"name": ""}, "callFunction:fail 函数名不能为空"),
        ({"name": "f", "data": CYCLE}, "callFunction:fail 对象出现了循环引用"),
        (
            {"name": "f", "data": {"x": {1}}},
            "callFunction:fail data cannot be sent: data.x has no JSON form: set",
        ),
    ],
)
async def test_arguments(
    platform: Cloud, wechat: Recorder, options: dict[str, Any], text: str
) -> None:
    error = await failure(platform.callFunction(options))
    assert (error.errCode, error.errMsg) == (-1, text)
    assert wechat.seen == []


@pytest.mark.parametrize("name", ["callFunction", "uploadFile", "getOpenData", "logger"])
def test_before_init_it_fails_at_once(name: str) -> None:
    with pytest.raises(CloudError, match="please call init first"):
        getattr(Cloud(), name)()


async def test_which_environment(
    platform: Cloud, wechat: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def env_of(cloud: Cloud, **options: Any) -> str:
        wechat.seen.clear()
        wechat.answers = [done("1")]
        await cloud.callFunction(name="f", **options)
        assert wechat.seen[0].query["env"] == members_of(wechat.seen[0])["envName"]
        return wechat.seen[0].query["env"]

    each = {"functions": "f1", "storage": "s1", "default": "d1"}
    assert await env_of(platform) == "local-env"
    assert await env_of(platform, config={"env": "other"}) == "other"
    assert await env_of(platform.createNewInstance(env=each)) == "f1"
    assert await env_of(platform.createNewInstance({"env": {"default": "d1"}})) == "d1"
    assert await env_of(platform.createNewInstance()) == "local-env"
    each["functions"] = platform.DYNAMIC_CURRENT_ENV  # type: ignore[assignment]  # a marker
    assert await env_of(platform.createNewInstance(env=each)) == "local-env"
    monkeypatch.delenv("TCB_CONTEXT_KEYS")
    assert await env_of(platform) == ""  # TCB_ENV counts only when it is listed
    monkeypatch.setenv("SCF_NAMESPACE", "ns")
    assert await env_of(platform) == "ns"
    monkeypatch.setenv("TENCENTCLOUD_RUNENV", "")
    assert await env_of(platform.createNewInstance()) == ""


async def test_by_the_server_api(make_cloud: Callable[..., Cloud], wechat: Recorder) -> None:
    cloud = make_cloud().createNewInstance(env="e1")
    wechat.answers = [{"errcode": 0, "errmsg": "ok", "resp_data": '{"a":1}'}]
    result = await cloud.callFunction({"name": "f", "data": {"x": "中"}})
    assert result == {"result": {"a": 1}, "errMsg": "callFunction:ok", "requestID": ""}
    seen = wechat.seen[-1]
    assert (seen.method, seen.path) == ("POST", "/tcb/invokecloudfunction")
    assert seen.query == {"access_token": "T1", "env": "e1", "name": "f"}
    assert json.loads(seen.body) == {"x": "中"}


async def test_refused_by_the_server_api(
    make_cloud: Callable[..., Cloud], wechat: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = make_cloud()
    error = await failure(cloud.callFunction(name="f"))
    assert (error.errCode, "set TCB_ENV" in error.errMsg) == (-501007, True)
    monkeypatch.setenv("TCB_ENV", "e1")
    wechat.answers = [{"errcode": -504002, "errmsg": "boom"}, "hang up", {"errcode": 0, "x": []}]
    error = await failure(cloud.callFunction(name="f"))
    assert (error.errCode, error.errMsg) == (
        -504002,
        "callFunction:fail -504002 functions execute fail. boom",
    )
    assert wechat.seen[-1].query["env"] == "e1"
    count = len(wechat.seen)
    assert (await failure(cloud.callFunction(name="f"))).errMsg.endswith("socket hang up")
    assert len(wechat.seen) == count + 1  # it may have arrived
    assert (await cloud.callFunction(name="f"))["result"] is None
    error = await failure(cloud.getOpenData(list=["x"]))
    assert "needs the transport cloudbase" in error.errMsg
    error = await failure(cloud.callOpenAPI(api="a.b"))
    assert "use openapi" in error.errMsg

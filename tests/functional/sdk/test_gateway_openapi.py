"""Cloud calls in the cloud environment's own protocol, against a recording gateway."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError
from openapi_shim.protocol import messages, tc3

from .conftest import Recorder
from .gateway import is_signed, members_of, message, sent_message, wechat_json


async def failure(call: Any) -> CloudError:
    with pytest.raises(CloudError) as caught:
        await call
    return caught.value


async def test_a_call_as_it_travels(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [wechat_json({"errcode": 0, "errmsg": "ok", "id_num": "1", "n_1": 2**60})]
    photo = {"contentType": "image/jpeg", "value": b"\xff\r\n--"}
    result = await platform.openapi.ocr.driverLicense({"type": "photo", "img": photo})
    assert list(result.items()) == [
        ("n_1", 2**60),
        ("idNum", "1"),
        ("errMsg", "openapi.ocr.driverLicense:ok"),
        ("errCode", 0),
    ]
    (seen,) = wechat.seen
    assert (seen.method, seen.path, seen.query["env"]) == ("POST", "/admin", "local-env")
    assert is_signed(seen)
    assert not is_signed(seen, "another")
    members = members_of(seen)
    data = members.pop("requestData")
    assert members == {
        "action": "wx.openApi",
        "apiName": "ocr.driverLicense",
        "envName": "local-env",
        "wxCloudApiToken": "tok",
        "tcb_sessionToken": "",
        "sessionToken": "session",
        "crossAuthorizationToken": "",
    }
    sent = messages.decode("CommApiData", data)
    assert sent.HasField("apiType")
    assert not sent.HasField("appid")
    first, second = sent.openapiData.pairs
    assert (first.key, first.value, first.HasField("filename")) == ("type", b'"photo"', False)
    assert (second.key, second.value, second.filename) == ("img", b"\xff\r\n--", "img.jpeg")


async def test_options_of_openapi(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [wechat_json({"a_b": 1})]
    api = platform.openapi({"convertCase": False, "appid": "wx7", "version": "v2"})
    assert (await api.a.b({"aB": None}))["a_b"] == 1
    assert members_of(wechat.seen[0])["cgiName"] == "commrpcv2"
    sent = sent_message(wechat.seen[0])
    assert (sent.appid, sent.openapiData.pairs[0].key) == ("wx7", "aB")
    assert sent.openapiData.pairs[0].value == b"null"


async def test_any_name_is_sent_and_without_arguments_no_pair(
    platform: Cloud, wechat: Recorder
) -> None:
    wechat.answers = [web.Response(body=b"")]
    result = await platform.openapi.no.such.thing()
    assert result == {
        "contentType": "",
        "buffer": b"",
        "errMsg": "openapi.no.such.thing:ok",
        "errCode": 0,
    }
    assert not sent_message(wechat.seen[0]).openapiData.pairs


def json_answer(document: dict[str, Any], kind: str = "application/json") -> web.Response:
    return web.json_response(document, content_type=kind)


JSON_IN_BYTES = "application/octet-stream"


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (
            lambda: message("CommOpenApiResp", errorCode=-604101),
            -604101,
            "system error: error code: -604101",
        ),
        (
            lambda: wechat_json({"errcode": 101000, "errmsg": "invalid image url rid: x"}),
            101000,
            "openapi.a.b:fail invalid image url rid: x",
        ),
        (
            lambda: wechat_json("<html>"),
            -601001,
            "openapi.a.b:fail wechat server internal error, response body is invalid json: <html>",
        ),
        (
            lambda: json_answer({"code": "INVALID_PARAM", "message": "m", "requestId": "r"}),
            -501007,
            "openapi.a.b:fail -501007 invalid parameters. m",
        ),
        (
            lambda: json_answer({"code": "SYS_ERR", "message": "m"}, JSON_IN_BYTES),
            -501001,
            "a.b:fail m",
        ),
        (lambda: json_answer({"a": 1}, JSON_IN_BYTES), -501001, 'a.b:fail {"a":1}'),
        (
            lambda: web.Response(body=b"zzz"),
            -601001,
            "a.b:fail unknown wx response received: ",
        ),
        (
            lambda: web.Response(status=502),
            -501001,
            "openapi.a.b:fail -501001 resource system error. 502 Bad Gateway | [http://127.0.0.1:",
        ),
    ],
)
async def test_what_can_go_wrong(
    platform: Cloud, wechat: Recorder, answer: Callable[[], web.Response], code: int, text: str
) -> None:
    wechat.answers = [answer()]
    error = await failure(platform.openapi.a.b({"x": 1}))
    assert error.errCode == code
    assert error.errMsg.startswith(text)
    assert "secretkey" not in error.errMsg
    assert len(wechat.seen) == 1


async def test_a_call_that_may_have_arrived_is_not_repeated(
    platform: Cloud, wechat: Recorder
) -> None:
    wechat.answers = ["hang up"]
    error = await failure(platform.openapi.ocr.driverLicense())
    assert error.errMsg == (
        "openapi.ocr.driverLicense:fail -501001 resource system error. socket hang up"
    )
    assert len(wechat.seen) == 1


async def test_keys_and_tokens_are_read_at_each_call(
    platform: Cloud, wechat: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wechat.answers = [wechat_json({}), wechat_json({})]
    await platform.openapi.a.b()
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", "AKIDnew")
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "newkey")
    monkeypatch.setenv("WX_API_TOKEN", "tok2")
    await platform.openapi.a.b()
    assert is_signed(wechat.seen[1], "newkey")
    assert tc3.parse(wechat.seen[1].headers["Authorization"]).secret_id == "AKIDnew"
    assert [members_of(seen)["wxCloudApiToken"] for seen in wechat.seen] == ["tok", "tok2"]


async def test_options_of_init(wechat: Recorder) -> None:
    cloud = Cloud()
    cloud.init(
        env={"functions": "f1", "default": "d1"},
        secretId="i",
        secretKey="k",
        serviceUrl=f"{wechat.url}/own",
        region="ap-x",
        headers={"X-Mine": "1"},
    )
    wechat.answers = [wechat_json({})]
    await cloud.openapi.a.b()
    (seen,) = wechat.seen
    assert (seen.path, seen.query["env"]) == ("/own", "d1")
    assert (seen.headers["X-TCB-Region"], seen.headers["X-Mine"]) == ("ap-x", "1")
    assert is_signed(seen, "k")
    assert "sessionToken" not in members_of(seen)
    for wrong in ({"secretId": "i"}, {"env": 5}):
        with pytest.raises(CloudError):
            Cloud().init(wrong)


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        ({}, "cloudbase"),
        ({"OPENAPI_SHIM_APPID": "a", "OPENAPI_SHIM_SECRET": "s"}, "https"),
        ({"OPENAPI_SHIM_ACCESS_TOKEN": "t"}, "https"),
        ({"WX_CLOUDBASE_ACCESSTOKEN": "t"}, "https"),
        ({"OPENAPI_SHIM_ACCESS_TOKEN": "t", "OPENAPI_SHIM_TRANSPORT": "cloudbase"}, "cloudbase"),
        ({"TENCENTCLOUD_SECRETID": ""}, "https"),
    ],
)
async def test_the_way_is_chosen_and_told(
    platform: Cloud,
    wechat: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, str],
    way: str,
) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_BASE_URL", wechat.url)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    wechat.answers = [wechat_json({})] if way == "cloudbase" else []
    with caplog.at_level(logging.INFO):
        try:
            await platform.openapi.ocr.driverLicense()
        except CloudError as error:
            assert "no credentials" in error.errMsg  # noqa: PT017  (the last case has none)
    assert re.search(f"(cloud calls leave|cloud.openapi leaves) by {way}", caplog.text)
    assert all((seen.path == "/admin") == (way == "cloudbase") for seen in wechat.seen)


async def test_beside_credentials_the_environment_is_still_asked_through_its_gateway(
    platform: Cloud, wechat: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_BASE_URL", wechat.url)
    monkeypatch.setenv("OPENAPI_SHIM_ACCESS_TOKEN", "t")
    await platform.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg")
    wechat.answers = [{"requestId": "r", "data": {"response_data": "1"}}]
    assert (await platform.callFunction({"name": "f"}))["requestID"] == "r"
    assert [seen.path for seen in wechat.seen] == ["/cv/ocr/drivinglicense", "/admin"]


async def test_without_keys_or_protobuf_it_says_what_to_do(
    platform: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_TRANSPORT", "cloudbase")
    monkeypatch.delenv("TENCENTCLOUD_SECRETKEY")
    error = await failure(platform.openapi.a.b())
    assert error.errCode == -501009
    assert "TENCENTCLOUD_SECRETKEY not set" in error.errMsg
    monkeypatch.delitem(sys.modules, "openapi_shim.protocol.messages")
    monkeypatch.setitem(sys.modules, "google.protobuf", None)
    error = await failure(platform.openapi.a.b())
    assert "pip install protobuf" in error.errMsg


async def test_a_gateway_that_is_silent(monkeypatch: pytest.MonkeyPatch, platform: Cloud) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("TCB_CONTEXT_CNFG", f'{{"URL":"http://127.0.0.1:{port}/admin"}}')
        other = platform.createNewInstance(env="e", timeout=100)
        error = await failure(other.openapi.a.b())
        assert error.errMsg == ("openapi.a.b:fail -501001 resource system error. request timeout")
        error = await failure(platform.callFunction(name="f", timeout=50))
        assert (error.errCode, error.errMsg) == (-1, "callFunction:fail request timeout")

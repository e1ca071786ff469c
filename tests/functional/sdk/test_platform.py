"""What the platform itself answers: CloudIDs, signatures, another account's token."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError
from openapi_shim.protocol import messages, tc3

from .conftest import Recorder
from .gateway import is_signed, members_of, message, sent_message


async def failure(call: Any) -> CloudError:
    with pytest.raises(CloudError) as caught:
        await call
    return caught.value


def inner(name: str, **fields: Any) -> web.Response:
    data = messages.new(name, **fields).SerializeToString()
    return message("CommOpenApiResp", respData=data)


def opened(*items: tuple[str, str]) -> web.Response:
    data = [messages.new("OpDataItem", cloudId=key, json=text) for key, text in items]
    return inner("ApiGetOpenDataByCloudIdResp", dataList=data)


async def test_cloud_ids(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [opened(("x", '{"phone":1}'), ("y", "2"))]
    result = await platform.getOpenData(list=["x", "y"], appid="wx7")
    assert result == {"list": [{"phone": 1}, 2], "errMsg": "getOpenData:ok", "errCode": 0}
    assert members_of(wechat.seen[0])["apiName"] == "ApiGetOpenDataByCloudId"
    sent = sent_message(wechat.seen[0])
    assert (sent.apiType, sent.appid) == (messages.SVRKIT_API, "wx7")
    assert sent.svrkitData.apiName == "ApiGetOpenDataByCloudId"
    request = messages.decode("ApiGetOpenDataByCloudIdReq", sent.svrkitData.reqData)
    assert list(request.cloudidList) == ["x", "y"]
    assert is_signed(wechat.seen[0])


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (
            message("CommOpenApiResp", svrkitErrorCode=-3),
            -601001,
            "getOpenData:fail -601001 system error. internal svrkit error, code -3",
        ),
        (
            opened(("x", "")),
            -601001,
            "getOpenData:fail -601001 system error. internal svrkit error, empty openData json "
            "field for x",
        ),
        (opened(("x", "{")), -601001, "getOpenData:fail -601001 system error. x stands for no"),
        (
            message("CommOpenApiResp", respData=b"zzz"),
            -601001,
            "getOpenData:fail -601001 system error. unknown wx response received: ",
        ),
        (message("CommOpenApiResp", errorCode=-5), -5, "system error: error code: -5"),
        ("hang up", -501001, "getOpenData:fail -501001 resource system error. socket hang up"),
    ],
)
async def test_cloud_ids_that_stay_closed(
    platform: Cloud, wechat: Recorder, answer: Any, code: int, text: str
) -> None:
    wechat.answers = [answer]
    error = await failure(platform.getOpenData(list=["x"]))
    assert error.errCode == code
    assert error.errMsg.startswith(text)


async def test_arguments(platform: Cloud, wechat: Recorder) -> None:
    assert (await failure(platform.getOpenData({}))).errMsg == (
        "getOpenData:fail list must be provided"
    )
    assert "list of strings" in (await failure(platform.getOpenData({"list": "x"}))).errMsg
    assert (await failure(platform.getVoIPSign({}))).errMsg == (
        "parameter.groupId should be string instead of undefined;"
        "parameter.timestamp should be number instead of undefined;"
        "parameter.nonce should be string instead of undefined;"
    )
    assert (await failure(platform.callOpenAPI({}))).errMsg == (
        "parameter.api should be string instead of undefined;"
    )
    assert wechat.seen == []


async def test_signatures(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [
        inner("ApiVoipSignResp", signature="s1"),
        inner("GetCloudCallSignResp", signature="s2"),
    ]
    result = await platform.getVoIPSign(groupId="g", timestamp=7, nonce="n")
    assert result == {"signature": "s1", "errMsg": "getVoIPSign:ok", "errCode": 0}
    sent = sent_message(wechat.seen[0]).svrkitData
    request = messages.decode("ApiVoipSignReq", sent.reqData)
    assert (sent.apiName, request.groupId, request.timestamp, request.nonce) == (
        "ApiVoipSign", "g", 7, "n",
    )  # fmt: skip
    result = await platform.getCloudCallSign({"parameterList": ["a"]})
    assert result["signature"] == "s2"


async def test_the_older_open_api(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [{"requestId": "r", "data": {"responseData": '{"a":1}'}}] * 2
    result = await platform.callOpenAPI({"api": "a.b", "data": {"xY": 1.0}})
    assert result == {"result": {"a": 1}, "errMsg": "callOpenAPI:ok"}
    members = members_of(wechat.seen[0])
    assert (members["action"], members["apiName"], members["requestData"]) == (
        "wx.api", "a.b", '{"xY":1}',
    )  # fmt: skip
    assert members["cgiName"] == "commrpcv2"
    await platform.callOpenAPI(api="a.b", version="v1")
    assert "cgiName" not in members_of(wechat.seen[1])


async def test_another_account(platform: Cloud, wechat: Recorder) -> None:
    other = platform.Cloud({"resourceAppid": "wx9", "resourceEnv": "theirs"})
    with pytest.raises(CloudError, match="please call init first"):
        other.callFunction(name="f")  # type: ignore[unused-coroutine]  # it fails at once
    granted = messages.new("TcbCredentials", secretId="tmp", secretKey="tmpkey", token="tmptok")
    wechat.answers = [inner("AuthorizationInfo", tcbCredentials=granted, wxParam=b"\x00p")]
    await other.init()
    await other.init()
    assert members_of(wechat.seen[0])["apiName"] == "getCrossAccountToken"
    sent = sent_message(wechat.seen[0])
    assert sent.apiType == messages.TOKEN_API
    assert (sent.tokenData.resourceAppid, sent.tokenData.resourceEnv) == ("wx9", "theirs")

    wechat.answers = [{"requestId": "r", "data": {"response_data": "1"}}]
    await other.callFunction(name="f")
    seen = wechat.seen[1]
    members = members_of(seen)
    assert (members["envName"], members["sessionToken"]) == ("theirs", "tmptok")
    assert json.loads(base64.b64decode(members["crossAuthorizationToken"])) == {
        "mpToken": base64.b64encode(b"\x00p").decode()
    }
    assert is_signed(seen, "tmpkey")
    assert tc3.parse(seen.headers["Authorization"]).secret_id == "tmp"

    refused = "fail -501007 invalid parameters. invalid config: getCrossAccountInfo"
    for api, call in (
        ("openapi.a.b", other.openapi.a.b()),
        ("getOpenData", other.getOpenData(list=[])),
        ("callOpenAPI", other.callOpenAPI(api="a.b")),
    ):
        error = await failure(call)
        assert (error.errCode, error.errMsg) == (-501007, f"{api}:{refused}")
    assert len(wechat.seen) == 2


async def test_another_account_that_refuses(platform: Cloud, wechat: Recorder) -> None:
    with pytest.raises(CloudError, match="missing resourceEnv"):
        platform.Cloud({"resourceAppid": "wx9"})
    other = platform.Cloud({"resourceAppid": "wx9", "resourceEnv": "theirs"})
    wechat.answers = [message("CommOpenApiResp", errorCode=-601018), inner("AuthorizationInfo")]
    assert (await failure(other.init())).errCode == -601018
    assert "missing secretId" in (await failure(other.init())).errMsg
    mine = platform.Cloud({"resourceEnv": "x", "env": "mine"})
    await mine.init()
    wechat.answers = [{"requestId": "r", "data": {"response_data": "1"}}]
    await mine.callFunction(name="f")
    assert members_of(wechat.seen[-1])["envName"] == "mine"

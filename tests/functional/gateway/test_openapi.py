from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from openapi_shim.emulator.gateway.invocations import Caller
from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.permissions import PermissionList
from openapi_shim.protocol import messages
from tests.functional.gateway.conftest import Gateway, StartGateway, pairs

OCR = "ocr.driverLicense"


def _data(response: Any) -> dict[str, Any]:
    assert response.errorCode == 0
    assert "application/json" in response.contentType
    data: dict[str, Any] = json.loads(response.respData)
    return data


async def test_a_photo_by_url(gateway: Gateway) -> None:
    data = _data(
        await gateway.openapi(OCR, pairs(("img_url", "http://x/中.jpg"), ("type", "photo")))
    )
    assert data["errcode"] == 0
    assert data["id_num"] == "ID_NUM"
    assert gateway.fetcher.seen == ["http://x/中.jpg"]
    assert "wx.openApi ocr.driverLicense appid=wx00 code=SUCCESS" in gateway.log()
    assert "ID_NUM" not in gateway.log()


async def test_a_photo_as_a_file(gateway: Gateway) -> None:
    assert _data(await gateway.openapi(OCR, pairs(("img", b"bytes"))))["errcode"] == 0
    assert gateway.recognizer.seen == [b"bytes"]


@pytest.mark.parametrize(
    ("items", "errcode", "reason"),
    [
        ([], 41005, "neither img_url"),
        ([("img", b"")], 41005, "0 bytes"),
        ([("photo", b"x")], 41005, "no part named img"),
        ([("img", {"contentType": "image/png", "value": "x"})], 41005, "came as JSON"),
        ([("img", b"x"), ("img_url", "http://x")], 40097, "both"),
        ([("img", b"x" * (2 * 1024 * 1024 + 1))], 101002, "2 MB"),
        ([("imgUrl", "http://x")], 41005, "imgUrl"),
        ([("img_url", None)], 41005, "empty"),
    ],
)
async def test_wechats_own_errors_come_inside(
    gateway: Gateway, items: list[tuple[str, Any]], errcode: int, reason: str
) -> None:
    data = _data(await gateway.openapi(OCR, pairs(*items)))
    assert data["errcode"] == errcode
    assert "rid: " in data["errmsg"]
    assert reason in gateway.log()


async def test_no_licence_is_charged_and_the_quota_ends(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(daily_quota=1)
    gateway.permit(OCR)
    gateway.recognizer.error = LicenseNotFoundError("none")
    call = pairs(("img", b"x"))
    assert _data(await gateway.openapi(OCR, call))["errcode"] == 101001
    assert _data(await gateway.openapi(OCR, call))["errcode"] == 101003


async def test_an_unknown_api(gateway: Gateway) -> None:
    assert (await gateway.openapi("ocr.driverLicence", pairs())).errorCode == -604100
    assert "did you mean ocr.driverLicense?" in gateway.log()


async def test_outside_the_workers_the_projects_config_decides_and_is_read_anew(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway()
    call = pairs(("img", b"x"))
    assert (await gateway.openapi(OCR, call)).errorCode == -604101
    assert "create " in gateway.log()
    gateway.permit(OCR)
    assert _data(await gateway.openapi(OCR, call))["errcode"] == 0
    (gateway.project / "config.json").write_text("{")
    assert (await gateway.openapi(OCR, call)).errorCode == -604103


async def test_a_function_has_its_own_permissions(gateway: Gateway) -> None:
    call = pairs(("img", b"x"))
    for allowed, errcode in (([OCR], 0), ([], -604101)):
        permissions = PermissionList(frozenset(allowed), Path("f/config.json"), exists=True)
        token = gateway.tokens.mint(Caller("f", permissions, appid="wx1"), seconds=3)
        assert (await gateway.openapi(OCR, call, token=token)).errorCode == errcode
    assert "f may not call ocr.driverLicense" in gateway.log()


async def test_a_forged_token_is_an_illegal_source(gateway: Gateway) -> None:
    response = await gateway.openapi(OCR, pairs(("img", b"x")), token="forged")
    assert response.errorCode == -604104
    assert gateway.recognizer.seen == []
    assert "WX_API_TOKEN" in gateway.log()


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"\x12\xff", b"\x08"])
async def test_broken_protobuf(gateway: Gateway, data: bytes) -> None:
    body = await gateway.openapi(OCR, data=data)
    assert body["code"] == "INVALID_PARAM"
    assert "CommApiData" in gateway.log()


async def test_values_that_are_no_text(gateway: Gateway) -> None:
    message = pairs()
    message.openapiData.pairs.add(key="img_url", value=b"\xff\xfe")
    assert (await gateway.openapi(OCR, message))["code"] == "INVALID_PARAM"


async def test_too_many_parameters(gateway: Gateway) -> None:
    message = pairs(*((f"p{number}", 1) for number in range(201)))
    assert (await gateway.openapi(OCR, message))["code"] == "INVALID_PARAM"


async def test_a_value_that_is_not_json_is_taken_as_text(gateway: Gateway) -> None:
    message = pairs()
    message.openapiData.pairs.add(key="img_url", value=b"http://x/y")
    assert _data(await gateway.openapi(OCR, message))["errcode"] == 0
    assert gateway.fetcher.seen == ["http://x/y"]


async def test_cross_account_is_answered_clearly(gateway: Gateway) -> None:
    message = messages.new("CommApiData", apiType=messages.TOKEN_API)
    body = await gateway.openapi("getCrossAccountToken", message)
    assert (body["code"], body["message"]) == (
        "INVALID_ACTION",
        "cross-account calls are not emulated",
    )
    message.apiType = messages.INNER_API
    assert (await gateway.openapi("x", message))["code"] == "INVALID_PARAM"


async def test_open_data_of_nobody(gateway: Gateway) -> None:
    asked = messages.new("ApiGetOpenDataByCloudIdReq")
    asked.cloudidList.extend(["local-phone-number", "local-we-run-data", "unknown"])
    message = messages.new("CommApiData", apiType=messages.SVRKIT_API)
    message.svrkitData.apiName = "ApiGetOpenDataByCloudId"
    message.svrkitData.reqData = asked.SerializeToString()
    response = await gateway.openapi("ApiGetOpenDataByCloudId", message)
    assert (response.errorCode, response.svrkitErrorCode) == (0, 0)
    answer = messages.decode("ApiGetOpenDataByCloudIdResp", response.respData)
    phone, run, unknown = (json.loads(item.json) for item in answer.dataList)
    assert phone["data"]["watermark"]["appid"] == "wx00"
    assert len(run["data"]["stepInfoList"]) == 31
    assert (unknown["errCode"], unknown["errMsg"]) == (-601005, "invalid cloudID")


async def test_an_unknown_kit_and_a_broken_request(gateway: Gateway) -> None:
    message = messages.new("CommApiData", apiType=messages.SVRKIT_API)
    message.svrkitData.apiName = "Unknown"
    assert (await gateway.openapi("x", message)).errorCode == -604100
    message.svrkitData.apiName = "ApiVoipSign"
    message.svrkitData.reqData = b"\xff"
    assert (await gateway.openapi("x", message))["code"] == "INVALID_PARAM"


async def test_the_deprecated_action_answers_text(gateway: Gateway) -> None:
    async def call(**fields: Any) -> Any:
        body = await gateway.admin("wx.api", **fields)
        return json.loads(body["data"]["responseData"]) if "data" in body else body["code"]

    url = json.dumps({"img_url": "http://x"})
    assert (await call(apiName=OCR, requestData=url))["errcode"] == 0
    assert (await call(apiName="no.such", requestData="{}"))["errcode"] == -604100
    assert (await call(apiName=OCR, requestData="{}"))["errcode"] == 41005
    for wrong in ({}, {"apiName": OCR, "requestData": "{"}, {"apiName": OCR, "requestData": "[]"}):
        assert await call(**wrong) == "INVALID_PARAM"


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nContent-Disposition: form-data; name=action\r\n\r\nwx.openApi",
        b"--b\r\nnonsense\r\n\r\nx\r\n--b--",
        b"nothing of the kind",
        b"",
    ],
)
async def test_multipart_without_end(gateway: Gateway, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await gateway.post("/admin", data=body, headers=headers)
    assert answer["code"] == "INVALID_PARAM"


async def test_openapi_without_its_message(gateway: Gateway) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("action", "wx.openApi")
    assert (await gateway.post("/admin", data=form))["code"] == "INVALID_PARAM"
    assert (await gateway.admin("wx.openApi"))["code"] == "INVALID_PARAM"


async def test_a_body_beyond_all_bounds(gateway: Gateway) -> None:
    body = await gateway.openapi(OCR, pairs(("img", b"x" * (17 * 1024 * 1024))))
    assert body["code"] == "EXCEED_REQUEST_SIZE_LIMIT"

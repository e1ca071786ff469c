"""What the platform itself answers: opened CloudIDs, signatures, and the older open API."""

from __future__ import annotations

import json
from typing import Any

from openapi_shim.catalog.cloud_codes import WX_SYSTEM_ERROR
from openapi_shim.protocol.jsjson import NotJSONError, stringify
from openapi_shim.sdk.checks import arguments, check_types, plain_failure
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.failures import failing_as
from openapi_shim.sdk.functions import parsed
from openapi_shim.sdk.results import CallOpenAPIResult, GetOpenDataResult, SignatureResult
from openapi_shim.transports.base import ActionCall, ParameterError, PlatformCall, RefusedError


async def get_open_data(
    connection: Connection, options: Any, named: dict[str, Any]
) -> GetOpenDataResult:
    """Open CloudIDs; see ``Cloud.getOpenData``."""
    api = "getOpenData"
    given = arguments(api, options, named)
    if given.get("list") is None:
        raise plain_failure(api, "list must be provided")
    with failing_as(api, wechat=True):
        answer = await connection.environment_transport.platform(
            PlatformCall(
                "ApiGetOpenDataByCloudId",
                "ApiGetOpenDataByCloudIdReq",
                {"cloudidList": _strings("list", given["list"])},
                "ApiGetOpenDataByCloudIdResp",
                connection.env("default"),
                str(given.get("appid") or ""),
            )
        )
        opened = [_opened(item) for item in answer.dataList]
    return {"list": opened, "errMsg": f"{api}:ok", "errCode": 0}


async def get_voip_sign(
    connection: Connection, options: Any, named: dict[str, Any]
) -> SignatureResult:
    """Sign for a voice room; see ``Cloud.getVoIPSign``."""
    api = "getVoIPSign"
    given = arguments(
        api, options, named, groupId="string", timestamp="number", nonce="string"
    )  # fmt: skip
    fields = {
        "groupId": given["groupId"],
        "timestamp": int(given["timestamp"]) & 0xFFFFFFFF,
        "nonce": given["nonce"],
    }
    return await _sign(connection, api, "ApiVoipSign", fields)


async def get_cloud_call_sign(
    connection: Connection, options: Any, named: dict[str, Any]
) -> SignatureResult:
    """Sign for a call; see ``Cloud.getCloudCallSign``."""
    api = "getCloudCallSign"
    given = arguments(api, options, named)
    with failing_as(api, wechat=True):
        fields = {"parameterList": _strings("parameterList", given.get("parameterList", []))}
    return await _sign(connection, api, "GetCloudCallSign", fields)


async def call_open_api(
    connection: Connection, options: Any, named: dict[str, Any]
) -> CallOpenAPIResult:
    """Call an operation in the older way; see ``Cloud.callOpenAPI``."""
    api = "callOpenAPI"
    given = arguments(api, options, named, api="string")
    data = given.get("data")
    if data is not None:
        check_types(given, data="object")
    try:
        text = "" if data is None else stringify(data)
    except NotJSONError as error:
        raise plain_failure(api, f"data cannot be sent: data{error}") from error
    params = {
        "apiName": given["api"],
        "cgiName": None if given.get("version") == "v1" else "commrpcv2",
        "requestData": text,
    }
    with failing_as(api):
        env = connection.env("functions", given.get("config"))
        reply = await connection.environment_transport.action(ActionCall("wx.api", params, env))
    result = parsed(parsed(reply.data.get("responseData")))
    return {"result": result, "errMsg": f"{api}:ok"}


async def _sign(
    connection: Connection, api: str, name: str, fields: dict[str, Any]
) -> SignatureResult:
    with failing_as(api, wechat=True):
        env = connection.env("default")
        call = PlatformCall(name, f"{name}Req", fields, f"{name}Resp", env)
        answer = await connection.environment_transport.platform(call)
    return {"signature": answer.signature, "errMsg": f"{api}:ok", "errCode": 0}


def _opened(item: Any) -> Any:
    if not item.json:
        raise RefusedError(
            WX_SYSTEM_ERROR,
            f"internal svrkit error, empty openData json field for {item.cloudId}",
        )
    try:
        return json.loads(item.json)
    except ValueError as error:
        raise RefusedError(WX_SYSTEM_ERROR, f"{item.cloudId} stands for no JSON") from error


def _strings(name: str, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise ParameterError(f"{name} is a list of strings")
    return list(value)

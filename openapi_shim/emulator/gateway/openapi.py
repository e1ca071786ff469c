"""The ``wx.openApi`` action: cloud calls to WeChat's API, in protobuf both ways."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from openapi_shim.catalog.cloud_codes import (
    OPENAPI_NO_PERMISSION,
    OPENAPI_NOT_FOUND,
    cloud_code_text,
)
from openapi_shim.catalog.operations import Operation, near_names, operation_named
from openapi_shim.emulator.gateway.identity import Identities
from openapi_shim.emulator.gateway.invocations import Caller
from openapi_shim.emulator.gateway.opendata import local_signature, open_data
from openapi_shim.emulator.upstream.cloud_calls import asked_of
from openapi_shim.emulator.upstream.service import Upstream, document_of
from openapi_shim.errors import ConfigError, GatewayError, StoreError, UpstreamError, WeChatError
from openapi_shim.wechat.answers import Answers
from openapi_shim.wechat.calls import Body, Call, Upload
from openapi_shim.wechat.ids import Clock
from openapi_shim.wechat.ocr import OPERATION, DriverLicenseService

TIMED_OUT = -604102
SYSTEM_ERROR = -604103
ILLEGAL_SOURCE = -604104

_TIME = 60.0  # seconds one cloud call may take
_MAX_PAIRS = 200
_JSON = "application/json; charset=UTF-8"
_NO_FILE = (
    "img came as JSON, not as a file: pass img: {contentType, value} with the bytes in value "
    "(a Buffer, bytes)"
)
_OPEN_DATA_LIMIT = 200  # CloudIDs in one call


@dataclass(frozen=True)
class Reply:
    """What a cloud call comes to.

    Attributes:
        errcode: 0, WeChat's code, or the cloud's.
        data: the JSON object for the caller; empty when the cloud refused the call.
        reason: why it failed, for the log.
    """

    errcode: int
    data: Mapping[str, object]
    reason: str = ""

    @property
    def refused(self) -> bool:
        """Whether it never came to WeChat's own answer."""
        return self.errcode != 0 and not self.data


@dataclass(frozen=True)
class Media:
    """A file among the parameters."""

    content: bytes
    filename: str


Parameters = Mapping[str, "str | Media"]
"""Parameters by name: a file, or JSON text."""

_Service = Callable[[Caller, Parameters], Awaitable[Mapping[str, object]]]
_Kit = Callable[[Caller, bytes], bytes]


class OpenApi:
    """Answers cloud calls by the services of the operations.

    Args:
        identities: says what a caller may call.
        driver_license: the service of ``ocr.driverLicense``.
        answers: makes WeChat's own errors.
        clock: seconds since 1970.
        seconds: one call may take.
        upstream: answers in the services' place; None: they answer.
    """

    def __init__(
        self,
        *,
        identities: Identities,
        driver_license: DriverLicenseService,
        answers: Answers,
        clock: Clock,
        seconds: float = _TIME,
        upstream: Upstream | None = None,
    ) -> None:
        self._identities = identities
        self._driver_license = driver_license
        self._answers = answers
        self._clock = clock
        self._seconds = seconds
        self._upstream = upstream
        self.services: dict[str, _Service] = {OPERATION: self._recognize}
        self.kits: dict[str, _Kit] = {
            "ApiGetOpenDataByCloudId": self._open_data,
            "ApiVoipSign": _voip_sign,
            "GetCloudCallSign": _cloud_call_sign,
        }

    async def answer(self, api: str, request: bytes, caller: Caller) -> tuple[bytes, Reply]:
        """The answer's protobuf bytes, and what it comes to.

        Args:
            api: name of the operation, e.g. ``ocr.driverLicense``.
            request: a ``CommApiData``.
            caller: who calls.

        Raises:
            GatewayError: INVALID_PARAM the bytes are no such message; INVALID_ACTION it asks
                for what the emulator lacks.
        """
        message = _decoded("CommApiData", request)
        if message.apiType == _messages().OPEN_API:
            reply = await self.call(api, _parameters(message), caller)
            return _response(reply), reply
        if message.apiType == _messages().SVRKIT_API:
            return self._ask_kit(message.svrkitData.apiName or api, message, caller)
        if message.apiType == _messages().TOKEN_API:
            raise GatewayError(
                "INVALID_ACTION",
                "cross-account calls are not emulated",
                "cross-account calls (new cloud.Cloud with resourceAppid) are not emulated: use "
                "the environment itself, with cloud.init",
            )
        raise GatewayError("INVALID_PARAM", f"apiType {message.apiType} is not emulated")

    async def call(self, api: str, parameters: Parameters, caller: Caller) -> Reply:
        """What the operation *api* answers."""
        refused = self._refused(api, caller)
        if refused is not None:
            return refused
        try:
            return await asyncio.wait_for(self._answered(api, parameters, caller), self._seconds)
        except UpstreamError as error:
            return Reply(SYSTEM_ERROR, {}, error.reason)
        except WeChatError as error:
            answer = self._answers.error(error)
            return Reply(answer.errcode, answer.body, answer.reason)
        except StoreError as error:
            return Reply(SYSTEM_ERROR, {}, str(error))
        except (asyncio.TimeoutError, TimeoutError):
            return Reply(TIMED_OUT, {}, f"{api} did not answer within {self._seconds:g} s")

    def _refused(self, api: str, caller: Caller) -> Reply | None:
        """Why *api* is not called: there is none, or *caller* may not; None where it is."""
        operation = operation_named(api)
        if api not in self.services and (self._upstream is None or operation is None):
            return Reply(OPENAPI_NOT_FOUND, {}, self._why_not_here(api, operation))
        try:
            permissions = self._identities.permissions(caller)
        except ConfigError as error:
            return Reply(SYSTEM_ERROR, {}, str(error))
        if permissions.allows(api):
            return None
        who = caller.function or "a process outside the functions"
        how = permissions.how_to_allow(api)
        return Reply(OPENAPI_NO_PERMISSION, {}, f"{who} may not call {api}: {how}")

    async def _answered(self, api: str, parameters: Parameters, caller: Caller) -> Reply:
        operation = operation_named(api)
        if self._upstream is not None and operation is not None:
            return await _answered_there(self._upstream, operation, parameters)
        values = await self.services[api](caller, parameters)
        return Reply(0, {"errcode": 0, "errmsg": "ok", **values})

    def _why_not_here(self, api: str, operation: Operation | None) -> str:
        if operation is not None:
            return (
                f"{api} is not implemented here; OPENAPI_SHIM_UPSTREAM=pass lets the real WeChat "
                "answer it"
            )
        near = ", ".join(near_names(api))
        advice = f"; did you mean {near}?" if near else ""
        return f"there is no {api[:80]!r}{advice} (emulated: {', '.join(self.services)})"

    async def _recognize(self, caller: Caller, parameters: Parameters) -> Mapping[str, object]:
        query = {name: _text(value) for name, value in parameters.items() if isinstance(value, str)}
        img = parameters.get("img")
        if isinstance(img, str):
            raise WeChatError(41005, _NO_FILE)
        files = tuple(name for name, value in parameters.items() if isinstance(value, Media))
        body = Body()
        if files:
            upload = None if img is None else Upload(img.content)
            size = sum(
                len(value.content) for value in parameters.values() if not isinstance(value, str)
            )
            body = Body("multipart", upload, files, size=size)

        async def read_body() -> Body:
            return body

        call = Call("POST", query, read_body, appid=caller.appid)
        return await self._driver_license.answer_trusted(call)

    def _ask_kit(self, name: str, message: Any, caller: Caller) -> tuple[bytes, Reply]:
        kit = self.kits.get(name)
        if kit is None:
            reply = Reply(OPENAPI_NOT_FOUND, {}, f"{name[:80]!r} is not emulated")
            return _response(reply), reply
        data = kit(caller, message.svrkitData.reqData)
        response = _messages().new("CommOpenApiResp", respData=data, svrkitErrorCode=0)
        encoded: bytes = response.SerializeToString()
        return encoded, Reply(0, {})

    def _open_data(self, caller: Caller, request: bytes) -> bytes:
        asked = _decoded("ApiGetOpenDataByCloudIdReq", request)
        if len(asked.cloudidList) > _OPEN_DATA_LIMIT:
            raise GatewayError("INVALID_PARAM", f"more than {_OPEN_DATA_LIMIT} CloudIDs")
        answer = _messages().new("ApiGetOpenDataByCloudIdResp")
        for cloud_id in asked.cloudidList:
            found = open_data(cloud_id, appid=asked.appid or caller.appid, now=self._clock())
            answer.dataList.add(cloudId=cloud_id, json=json.dumps(found, ensure_ascii=False))
        encoded: bytes = answer.SerializeToString()
        return encoded


async def _answered_there(
    upstream: Upstream, operation: Operation, parameters: Parameters
) -> Reply:
    """What the real WeChat, or a recording of it, answers."""
    if isinstance(parameters.get("img"), str):
        raise WeChatError(41005, _NO_FILE)
    query = {name: _text(value) for name, value in parameters.items() if isinstance(value, str)}
    files = {
        name: (value.filename, value.content)
        for name, value in parameters.items()
        if isinstance(value, Media)
    }
    answered = await upstream.ask(await asked_of(operation, query, files), ours=True)
    document = document_of(answered)
    if answered.status != 200 or document is None:
        what = f"status {answered.status}, {answered.content_type[:60] or 'no Content-Type'}"
        return Reply(SYSTEM_ERROR, {}, f"WeChat answered {operation.name} with {what}, no result")
    code = document.get("errcode", 0)
    return Reply(code if isinstance(code, int) else 0, document)


def illegal_source(reason: str) -> tuple[bytes, Reply]:
    """The answer to a cloud call whose invocation token is nobody's."""
    reply = Reply(ILLEGAL_SOURCE, {}, reason)
    return _response(reply), reply


def refusal(reply: Reply) -> dict[str, object]:
    """A refusal as JSON, for the action that has no protobuf."""
    return {"errcode": reply.errcode, "errmsg": cloud_code_text(reply.errcode)}


def _response(reply: Reply) -> bytes:
    if reply.refused:
        response = _messages().new("CommOpenApiResp", errorCode=reply.errcode)
    else:
        text = json.dumps(reply.data, ensure_ascii=False, separators=(",", ":"))
        response = _messages().new(
            "CommOpenApiResp",
            respData=text.encode("utf-8", "replace"),
            contentType=_JSON,
            errorCode=0,
            httpCode=200,
        )
    encoded: bytes = response.SerializeToString()
    return encoded


def _decoded(name: str, data: bytes) -> Any:
    try:
        return _messages().decode(name, data)
    except _messages().DecodeError as error:
        raise GatewayError(
            "INVALID_PARAM",
            "requestData cannot be decoded",
            f"requestData is not the protobuf message {name}: {error}",
        ) from error


def _parameters(message: Any) -> dict[str, str | Media]:
    pairs = message.openapiData.pairs
    if len(pairs) > _MAX_PAIRS:
        raise GatewayError("INVALID_PARAM", f"more than {_MAX_PAIRS} parameters")
    found: dict[str, str | Media] = {}
    for pair in pairs:
        if pair.HasField("filename"):
            found[pair.key] = Media(pair.value, pair.filename)
            continue
        try:
            found[pair.key] = pair.value.decode()
        except UnicodeDecodeError as error:
            raise GatewayError(
                "INVALID_PARAM", f"the value of {pair.key[:40]!r} is not UTF-8"
            ) from error
    return found


def _text(value: str) -> str:
    """What a JSON value is in a query: a string without its quotes, anything else as it stands."""
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if decoded is None:
        return ""
    return decoded if isinstance(decoded, str) else value


def _voip_sign(_: Caller, request: bytes) -> bytes:
    asked = _decoded("ApiVoipSignReq", request)
    return _signed("ApiVoipSignResp", asked.groupId, str(asked.timestamp), asked.nonce)


def _cloud_call_sign(_: Caller, request: bytes) -> bytes:
    return _signed("GetCloudCallSignResp", *_decoded("GetCloudCallSignReq", request).parameterList)


def _signed(name: str, *parts: str) -> bytes:
    encoded: bytes = _messages().new(name, signature=local_signature(*parts)).SerializeToString()
    return encoded


def _messages() -> ModuleType:
    """The protocol's messages, imported by the first call that has one: protobuf is slow to."""
    from openapi_shim.protocol import messages  # noqa: PLC0415 - the emulator starts sooner

    return messages

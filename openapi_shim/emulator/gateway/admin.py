"""``POST /admin``: the door for server SDKs, JSON for most actions and multipart for openapi."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from openapi_shim.emulator.gateway.actions import Actions, Origin, call_openapi
from openapi_shim.emulator.gateway.answers import succeeded
from openapi_shim.emulator.gateway.identity import Identities, chained
from openapi_shim.emulator.gateway.openapi import OpenApi, Reply, illegal_source
from openapi_shim.emulator.gateway.signing import Signing
from openapi_shim.emulator.gateway.visits import (
    REQUEST_ID_HEADER,
    Visit,
    json_object,
    json_response,
    read_body,
    shown,
)
from openapi_shim.emulator.multipart import MultipartError, read_multipart
from openapi_shim.errors import GatewayError

ADMIN_PATH = "/admin"

# An event of 6 MB may double on its way when it is full of quotes; images are smaller.
_BODY_LIMIT = 16 * 1024 * 1024
_OPENAPI = "wx.openApi"
_OLD_OPENAPI = "wx.api"
_MULTIPART = "multipart/form-data"
_REQUEST_DATA = "requestData"
_BINARY = frozenset({_REQUEST_DATA, "apiOptions"})


class AdminDoor:
    """Answers ``/admin``.

    Args:
        actions: those that answer in JSON.
        openapi: cloud calls.
        identities: tells callers.
        signing: checks signatures, where keys are fixed.
    """

    def __init__(
        self, *, actions: Actions, openapi: OpenApi, identities: Identities, signing: Signing
    ) -> None:
        self._actions = actions
        self._openapi = openapi
        self._identities = identities
        self._signing = signing

    async def __call__(self, request: web.Request, visit: Visit) -> web.Response:
        """Answer one request."""
        if request.method != "POST":
            raise GatewayError("INVALID_PARAM", f"the method is {request.method}; POST is expected")
        raw = await read_body(request, _BODY_LIMIT)
        content_type = request.headers.get("Content-Type", "")
        multipart = content_type[: len(_MULTIPART)].lower() == _MULTIPART
        fields = await _parts(raw, content_type) if multipart else json_object(raw)
        action = fields.get("action")
        visit.what = shown(fields)
        if self._signing.required:
            self._signing.check(request, fields)
        asked = _string(fields, "envName") or request.query.get("env", "")
        env = self._identities.env(asked)
        if action == _OPENAPI:
            return await self._cloud_call(fields, visit)
        caller = self._identities.caller(_string(fields, "wxCloudApiToken"))
        visit.appid = caller.appid
        if action == _OLD_OPENAPI:
            data, reply = await call_openapi(self._openapi, fields, caller)
            _note(reply, visit)
        else:
            origin = Origin(
                chained(caller.source),
                appid=caller.appid,
                openid=caller.openid,
                uid=caller.uid,
                env=env if asked else caller.env or env,
            )
            data = await self._actions.named(action)(fields, origin)
        return json_response(succeeded(visit.request_id, data), visit.request_id)

    async def _cloud_call(self, fields: Mapping[str, object], visit: Visit) -> web.Response:
        api, data = _string(fields, "apiName"), fields.get(_REQUEST_DATA)
        if not isinstance(data, bytes):
            raise GatewayError(
                "INVALID_PARAM",
                "requestData is missing",
                "wx.openApi comes as multipart/form-data with a part requestData in protobuf",
            )
        try:
            caller = self._identities.caller(_string(fields, "wxCloudApiToken"))
        except GatewayError as error:
            return _binary(*illegal_source(error.reason), visit)
        visit.appid = caller.appid
        body, reply = await self._openapi.answer(api, data, caller)
        return _binary(body, reply, visit)


def _binary(body: bytes, reply: Reply, visit: Visit) -> web.Response:
    _note(reply, visit)
    headers = {"Content-Type": "application/octet-stream", REQUEST_ID_HEADER: visit.request_id}
    return web.Response(body=body, headers=headers)


def _note(reply: Reply, visit: Visit) -> None:
    if reply.errcode:
        visit.code, visit.reason = str(reply.errcode), reply.reason


async def _parts(raw: bytes, content_type: str) -> dict[str, object]:
    """Parts by name: text, but the protobuf, which stays bytes."""
    try:
        parts = await read_multipart(raw, content_type)
    except MultipartError as error:
        raise GatewayError(
            "INVALID_PARAM", "the multipart body cannot be parsed", str(error)
        ) from error
    return {
        part.name: part.content if part.name in _BINARY else part.content.decode("utf-8", "replace")
        for part in parts
    }


def _string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""

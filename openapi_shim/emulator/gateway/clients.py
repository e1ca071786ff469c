"""Doors for client SDKs: ``/web``, ``/v1/functions``, ``/v1/storages`` and ``/auth/v1``."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from openapi_shim.emulator.bodies import EVENT_LIMIT, FORM_LIMIT
from openapi_shim.emulator.gateway.actions import Actions, Origin, event_text
from openapi_shim.emulator.gateway.answers import failed, function_failed_v1, succeeded
from openapi_shim.emulator.gateway.identity import Identities
from openapi_shim.emulator.gateway.logins import Logins, User, profile
from openapi_shim.emulator.gateway.visits import (
    Visit,
    json_object,
    json_response,
    read_body,
    shown,
    text_response,
)
from openapi_shim.emulator.storage.service import SUCCESS, StorageService
from openapi_shim.errors import GatewayError, InvocationError

WEB_PATH = "/web"
FUNCTION_PATH = "/v1/functions/{name}"
STORAGE_PATH = "/v1/storages/{action}"
AUTH_PATH = "/auth/v1/{action:.*}"

SOURCE = "web_client"
"""SOURCE of a function called by a client SDK."""

_Items = list[Mapping[str, Any]]

_WEB_LIMIT = 2 * EVENT_LIMIT + FORM_LIMIT  # bytes: an event full of quotes doubles in JSON
_LIST_LIMIT = 1024 * 1024  # bytes; lists of files
_SHOWN_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_STATUSES = {
    "MISSING_CREDENTIALS": 401,
    "ACCESS_TOKEN_EXPIRED": 401,
    "INVALID_REQUEST_SOURCE": 403,
    "FUNCTION_NOT_FOUND": 404,
    "INVALID_ACTION": 404,
    "INVALID_REQUEST": 405,
    "EXCEED_MAX_PAYLOAD_SIZE": 413,
    "FUNCTION_EXCEED_RESOURCE_LIMIT": 429,
    "SYS_ERR": 500,
}


class _Door:
    """What a client's door asks: the actions, who may act, and for which appid."""

    def __init__(
        self, *, actions: Actions, identities: Identities, logins: Logins, appid: str
    ) -> None:
        self._actions = actions
        self._identities = identities
        self._logins = logins
        self._appid = appid


class WebDoor(_Door):
    """Answers ``/web``: the vocabulary of ``/admin``, less what only servers may do."""

    async def __call__(self, request: web.Request, visit: Visit) -> web.Response:
        """Answer one request."""
        _begin(request, visit, "POST")
        fields = json_object(await read_body(request, _WEB_LIMIT))
        action, env, token = (fields.get(name) for name in ("action", "env", "access_token"))
        visit.what, visit.appid = shown(fields), self._appid
        if isinstance(token, str) and token:
            user = self._logins.user(token)
        else:
            user = _bearer(request, self._logins)
        asked = env if isinstance(env, str) else request.query.get("env", "")
        env = self._identities.env(asked, user.env)
        origin = Origin(SOURCE, appid=self._appid, uid=user.uid, env=env)
        data = await self._actions.named(action)(fields, origin)
        return json_response(succeeded(visit.request_id, data), visit.request_id)


class FunctionDoor(_Door):
    """Answers ``/v1/functions/{name}``: the body is the event, the answer the result."""

    async def __call__(self, request: web.Request, visit: Visit) -> web.Response:
        """Answer one request."""
        _begin(request, visit, "POST")
        name, visit.appid = request.match_info["name"], self._appid
        user = _bearer(request, self._logins)
        try:
            event = event_text(_text(await read_body(request, EVENT_LIMIT)), "the body")
        except GatewayError as error:
            raise _as_v1(error) from error
        env = self._identities.env(user.env)
        origin = Origin(SOURCE, appid=self._appid, uid=user.uid, env=env)
        try:
            result = await self._actions.run(name, event, origin)
        except InvocationError as error:
            raise function_failed_v1(error) from error
        return text_response(result, visit.request_id)


class StorageDoor:
    """Answers ``/v1/storages/*``: lists of objects both ways."""

    def __init__(self, *, storage: StorageService, identities: Identities, logins: Logins) -> None:
        self._storage = storage
        self._identities = identities
        self._logins = logins
        self.table: dict[str, Callable[[_Items, str], list[dict[str, Any]]]] = {
            "get-objects-upload-info": self._upload_info,
            "get-objects-download-info": self._download_info,
            "delete-objects": self._delete,
        }

    async def __call__(self, request: web.Request, visit: Visit) -> web.Response:
        """Answer one request."""
        _begin(request, visit, "POST")
        name = request.match_info["action"]
        env = self._identities.env(_bearer(request, self._logins).env)
        action = self.table.get(name)
        if action is None:
            raise GatewayError("INVALID_ACTION", f"storages/{name[:60]} is not emulated")
        raw = await read_body(request, _LIST_LIMIT)
        try:
            items = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise GatewayError("INVALID_PARAM", "the body is not JSON", str(error)) from error
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise GatewayError("INVALID_PARAM", "the body is no list of objects")
        return json_response(action(items, env), visit.request_id)

    def _upload_info(self, items: _Items, env: str) -> list[dict[str, Any]]:
        return [self._grant(_member(item, "objectId"), env) for item in items]

    def _grant(self, path: str, env: str) -> dict[str, Any]:
        try:
            grant = self._storage.prepare_upload(path, env=env)
        except GatewayError as error:
            return {"objectId": path, "code": error.code, "message": error.message}
        return {
            "objectId": path,
            "uploadUrl": grant.url,
            "downloadUrl": grant.download_url,
            "token": grant.token,
            "authorization": grant.authorization,
            "cloudObjectId": grant.file_id,
            "cloudObjectMeta": grant.cos_file_id,
        }

    def _download_info(self, items: _Items, _: str) -> list[dict[str, Any]]:
        links = self._storage.links([(_member(item, "cloudObjectId"), None) for item in items])
        return [
            {"cloudObjectId": link.file_id, "downloadUrl": link.url}
            if link.code == SUCCESS
            else {"cloudObjectId": link.file_id, "code": link.code, "message": link.message}
            for link in links
        ]

    def _delete(self, items: _Items, _: str) -> list[dict[str, Any]]:
        files = self._storage.delete([_member(item, "cloudObjectId") for item in items])
        return [
            {"cloudObjectId": file.file_id}
            if file.code == SUCCESS
            else {"cloudObjectId": file.file_id, "code": file.code, "message": file.message}
            for file in files
        ]


class AuthDoor:
    """Answers ``/auth/v1/*``: anonymous login, and no other."""

    def __init__(self, *, identities: Identities, logins: Logins) -> None:
        self._identities = identities
        self._logins = logins
        self.table: dict[str, Callable[[web.Request], Awaitable[dict[str, Any]]]] = {
            "signin/anonymously": self._sign_in,
            "token": self._token,
            "token/clientCredential": self._sign_in,
            "user/me": self._me,
        }

    async def __call__(self, request: web.Request, visit: Visit) -> web.Response:
        """Answer one request."""
        _begin(request, visit, "POST", "GET")
        name = request.match_info["action"]
        action = self.table.get(name)
        if action is None:
            raise GatewayError(
                "INVALID_ACTION",
                f"/auth/v1/{name[:60]} is not emulated",
                f"/auth/v1/{name[:60]} is not emulated: anonymous login is, by "
                "auth.signInAnonymously()",
            )
        return json_response(await action(request), visit.request_id)

    async def _sign_in(self, request: web.Request) -> dict[str, Any]:
        await read_body(request, FORM_LIMIT)
        return self._logins.sign_in(self._identities.env(request.query.get("client_id", "")))

    async def _token(self, request: web.Request) -> dict[str, Any]:
        fields = json_object(await read_body(request, FORM_LIMIT))
        token = fields.get("refresh_token")
        if fields.get("grant_type") != "refresh_token" or not isinstance(token, str):
            raise GatewayError("INVALID_PARAM", "grant_type is not refresh_token, with a token")
        return self._logins.refresh(token)

    async def _me(self, request: web.Request) -> dict[str, Any]:
        return profile(_bearer(request, self._logins))


def v1_error(error: GatewayError, visit: Visit) -> web.Response:
    """An error with an HTTP status of its own, as the newer doors have it."""
    body = failed(visit.request_id, error)
    return json_response(body, visit.request_id, status=_STATUSES.get(error.code, 400))


def auth_error(error: GatewayError, visit: Visit) -> web.Response:
    """An error in the words of ``/auth/v1``."""
    body = {
        "error": error.code.lower(),
        "error_description": error.message,
        "requestId": visit.request_id,
    }
    return json_response(body, visit.request_id, status=_STATUSES.get(error.code, 400))


def _begin(request: web.Request, visit: Visit, *methods: str) -> None:
    """Check the method; the client's own id for the request counts, when it is one."""
    if request.method not in methods:
        raise GatewayError("INVALID_REQUEST", f"the method is {request.method}; call with POST")
    given = request.headers.get("X-Request-Id", "")
    if _SHOWN_ID.fullmatch(given):
        visit.request_id = given


def _bearer(request: web.Request, logins: Logins) -> User:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise GatewayError(
            "MISSING_CREDENTIALS",
            "credentials are missing",
            "the request has no Authorization: log in first, with auth.signInAnonymously(), or "
            "pass an accessKey to init",
        )
    return logins.user(token.strip())


def _as_v1(error: GatewayError) -> GatewayError:
    if error.code == "EXCEED_REQUEST_SIZE_LIMIT":
        return GatewayError("EXCEED_MAX_PAYLOAD_SIZE", error.message, error.reason)
    return GatewayError("FUNCTION_PARAM_INVALID", "bad http request body", error.reason)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise GatewayError(
            "INVALID_PARAM", f"the body is not UTF-8 (byte {error.start})"
        ) from error


def _member(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise GatewayError("INVALID_PARAM", f"{name} is not a string")
    return value

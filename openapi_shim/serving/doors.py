"""What is open: a server for others has fewer doors than a developer's emulator.

docs/self-hosting.md lists them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.endpoints import OPENID_HEADER, SOURCE_HEADER
from openapi_shim.emulator.entrance import Handler
from openapi_shim.emulator.gateway.admin import ADMIN_PATH
from openapi_shim.emulator.gateway.answers import failed
from openapi_shim.emulator.gateway.visits import json_response
from openapi_shim.emulator.journal import REASON_HEADER, header_value, note
from openapi_shim.emulator.storage.service import OBJECTS
from openapi_shim.errors import ConfigError, GatewayError
from openapi_shim.settings import ENV_PREFIX, ImageUrlPolicy, Settings

MADE_ID = "serve"
"""Id of the key that a server makes for its own functions, where none is set."""

_CLIENT_DOORS = ("/web", "/v1/", "/auth/")
_STORAGE_DOORS = (
    "/tcb/uploadfile",
    "/tcb/batchdownloadfile",
    "/tcb/batchdeletefile",
    f"{OBJECTS}/",
)
_DEVELOPERS_HEADERS = (OPENID_HEADER, SOURCE_HEADER)


def check_keys(settings: Settings) -> None:
    """Refuse to serve whoever comes, unless that is wanted.

    Raises:
        ConfigError: an appid and its secret are not set, and the doors are not to be open.
    """
    pair = {
        f"{ENV_PREFIX}EMULATOR_APPID": settings.emulator_appid,
        f"{ENV_PREFIX}EMULATOR_SECRET": settings.emulator_secret.get_secret_value(),
    }
    missing = [name for name, value in pair.items() if not value]
    if missing and not settings.open_doors:
        raise ConfigError(
            f"serve is for others, so it takes one appid and secret alone: set "
            f"{' and '.join(missing)}. Where nobody else can reach it, --open lets any appid and "
            "secret in, as openapi-shim start does"
        )
    if settings.gateway_secret_id and not settings.gateway_secret_key.get_secret_value():
        raise ConfigError(
            f"{ENV_PREFIX}GATEWAY_SECRET_ID is set without its key: set "
            f"{ENV_PREFIX}GATEWAY_SECRET_KEY too, or neither"
        )


def closed_settings(settings: Settings) -> Settings:
    """*settings* for a server: what a developer's machine may do, and a server must not, is off.

    Functions sign what they ask of the gateway. Where no key is set, one is made that nobody
    else knows.
    """
    changes: dict[str, object] = {"watch": False, "inspect": None}
    if not settings.open_doors:
        if "image_urls" not in settings.model_fields_set:
            changes["image_urls"] = ImageUrlPolicy.PUBLIC
        if not settings.gateway_secret_key.get_secret_value():
            key = type(settings.gateway_secret_key)(secrets.token_urlsafe(32))
            changes |= {"gateway_secret_id": MADE_ID, "gateway_secret_key": key}
    return settings.model_copy(update=changes)


def close_doors(
    *, storage: bool, admin: bool, inside: Callable[[], int], new_request_id: Callable[[], str]
) -> Middleware:
    """Answers 403 at doors that are a developer's, and drops a developer's headers.

    Args:
        storage: whether cloud storage is open to clients outside.
        admin: whether the gateway is open to clients outside, who sign.
        inside: answers the port at which this process's own functions call.
        new_request_id: makes an id for each refusal.
    """

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path
        reason = ""
        if path.startswith(_CLIENT_DOORS):
            reason = "client SDKs' doors know no secret and are closed here"
        elif not came_by(request, inside()):
            if path == ADMIN_PATH and not admin:
                reason = (
                    f"the gateway is closed: set {ENV_PREFIX}GATEWAY_SECRET_ID and "
                    f"{ENV_PREFIX}GATEWAY_SECRET_KEY where the server runs"
                )
            elif path.startswith(_STORAGE_DOORS) and not storage:
                reason = (
                    f"cloud storage is closed: set {ENV_PREFIX}PUBLIC_URL where the server runs"
                )
        if reason:
            return _refused(reason, new_request_id())
        if any(name in request.headers for name in _DEVELOPERS_HEADERS):
            kept = request.headers.copy()
            for name in _DEVELOPERS_HEADERS:
                kept.popall(name, None)
            request = request.clone(headers=kept)
        return await handler(request)

    return refuse


def came_by(request: web.Request, port: int) -> bool:
    """Whether *request* came in at *port*."""
    transport = request.transport
    name = transport.get_extra_info("sockname") if transport is not None else None
    return bool(name and name[1] == port)


def _refused(reason: str, request_id: str) -> web.Response:
    error = GatewayError("INVALID_REQUEST_SOURCE", f"Invalid request source: {reason}", reason)
    note(error.code, request_id, reason)
    response = json_response(failed(request_id, error), request_id, status=403)
    response.headers[REASON_HEADER] = header_value(reason)
    return response

"""The gateway's doors in the emulator's URL space, each with its form of errors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from openapi_shim.emulator.functions.environment import LOCAL_ENV
from openapi_shim.emulator.gateway.actions import Actions
from openapi_shim.emulator.gateway.admin import ADMIN_PATH, AdminDoor
from openapi_shim.emulator.gateway.clients import (
    AUTH_PATH,
    FUNCTION_PATH,
    STORAGE_PATH,
    WEB_PATH,
    AuthDoor,
    FunctionDoor,
    StorageDoor,
    WebDoor,
    auth_error,
    v1_error,
)
from openapi_shim.emulator.gateway.cors import check_origin, let_in, preflight
from openapi_shim.emulator.gateway.identity import Identities
from openapi_shim.emulator.gateway.invocations import InvocationTokens
from openapi_shim.emulator.gateway.logins import Logins
from openapi_shim.emulator.gateway.openapi import OpenApi
from openapi_shim.emulator.gateway.signing import Signing
from openapi_shim.emulator.gateway.visits import Door, Handler, OnError, Visit, as_handler, envelope
from openapi_shim.emulator.storage.service import StorageService
from openapi_shim.emulator.upstream.service import Upstream
from openapi_shim.errors import GatewayError
from openapi_shim.settings import Settings
from openapi_shim.wechat.answers import Answers
from openapi_shim.wechat.ids import Clock, Ids
from openapi_shim.wechat.ocr import DriverLicenseService
from openapi_shim.wechat.tcb import FunctionRunner


@dataclass(frozen=True)
class Services:
    """What the doors lead to; *upstream* answers cloud calls in the emulator's place."""

    functions: FunctionRunner
    storage: StorageService
    driver_license: DriverLicenseService
    tokens: InvocationTokens
    upstream: Upstream | None = None


def add_gateway(
    app: web.Application,
    services: Services,
    *,
    settings: Settings,
    appid: str,
    clock: Clock,
    ids: Ids,
) -> None:
    """Add the gateway's routes to *app*.

    Args:
        app: not started yet.
        services: what the doors lead to.
        settings: the emulator's.
        appid: of the emulated account.
        clock: seconds since 1970.
        ids: makes the requests' ids.
    """
    identities = Identities(
        services.tokens,
        project=settings.functions_dir,
        appid=appid,
        env=settings.emulator_env or LOCAL_ENV,
        only_env=bool(settings.emulator_env),
    )
    actions = Actions(functions=services.functions, storage=services.storage)
    openapi = OpenApi(
        identities=identities,
        driver_license=services.driver_license,
        answers=Answers(ids),
        clock=clock,
        upstream=services.upstream,
    )
    signing = Signing(
        secret_id=settings.gateway_secret_id,
        secret_key=settings.gateway_secret_key.get_secret_value(),
        clock=clock,
    )
    logins = Logins(clock)
    admin = AdminDoor(actions=actions, openapi=openapi, identities=identities, signing=signing)
    web_door = WebDoor(actions=actions, identities=identities, logins=logins, appid=appid)
    function = FunctionDoor(actions=actions, identities=identities, logins=logins, appid=appid)
    storage = StorageDoor(storage=services.storage, identities=identities, logins=logins)
    doors: tuple[tuple[str, Door, OnError], ...] = (
        (ADMIN_PATH, admin, envelope),
        (WEB_PATH, web_door, envelope),
        (FUNCTION_PATH, function, v1_error),
        (STORAGE_PATH, storage, v1_error),
        (AUTH_PATH, AuthDoor(identities=identities, logins=logins), auth_error),
    )
    for path, door, on_error in doors:
        app.router.add_route("*", path, _open(door, ids.request_id, on_error))


def _open(door: Door, new_request_id: Callable[[], str], on_error: OnError) -> Handler:
    """*door* with its guard: pages of this machine are let in, others are not."""

    async def guarded(request: web.Request, visit: Visit) -> web.Response:
        origin = check_origin(request)
        if origin and request.method == "OPTIONS":
            return preflight(request, origin)
        return await door(request, visit)

    answer = as_handler(guarded, new_request_id, on_error)

    async def handle(request: web.Request) -> web.StreamResponse:
        response = await answer(request)
        if "Origin" in request.headers:
            with contextlib.suppress(GatewayError):
                let_in(response, check_origin(request))
        return response

    return handle

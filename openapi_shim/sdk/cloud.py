"""``cloud``: what a function imports."""

from __future__ import annotations

import logging
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

from openapi_shim.catalog.cloud_codes import (
    OPENAPI_NO_PERMISSION,
    OPENAPI_NOT_FOUND,
    TCB_INVALID_PARAM,
    TCB_RESOURCE_NOT_INITIALIZED,
    TCB_RESOURCE_SYSTEM_ERROR,
    UNKNOWN_ERROR,
    cloud_code_text,
)
from openapi_shim.catalog.operations import Place, near_names, operation_named
from openapi_shim.errors import CloudError, ConfigError, CredentialError, TransportError
from openapi_shim.naming import camel_to_snake, convert_keys
from openapi_shim.permissions import PermissionList, load_permissions
from openapi_shim.sdk.answers import answer_of
from openapi_shim.sdk.context import read_wx_context
from openapi_shim.sdk.media import ParameterError, is_media, to_media
from openapi_shim.sdk.openapi import OpenApi, Options
from openapi_shim.settings import Settings, load_settings
from openapi_shim.transports.base import OpenApiCall, Transport
from openapi_shim.transports.https import HttpsTransport

_log = logging.getLogger(__name__)

_NOT_INITIALIZED = (
    "Cloud API isn't enabled, please call init first\n"
    "请先调用 init 完成初始化后再调用其他云 API。"
    "init 方法可传入一个对象用于设置默认配置，详见文档。"
)

# What wx-server-sdk's init takes. The last ones mean nothing to Python over HTTPS.
_INIT_OPTIONS = {"env", "timeout", "traceUser", "throwOnNotFound"} | {
    "secretId", "secretKey", "sessionToken", "proxy", "serviceUrl", "region", "protocol",
    "keepalive", "retries", "headers", "debug",
}  # fmt: skip


class _CurrentEnv:
    def __repr__(self) -> str:
        return "DYNAMIC_CURRENT_ENV"


class Cloud:
    """The face of wx-server-sdk. ``openapi_shim.cloud`` is the one a function uses.

    Args:
        settings: in place of the environment and config.json, for tests and embedding.
        transport: in place of the one that the settings mean.
    """

    DYNAMIC_CURRENT_ENV: Final = _CurrentEnv()
    """The environment the function runs in."""

    def __init__(
        self, *, settings: Settings | None = None, transport: Transport | None = None
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._permissions: PermissionList | None = None
        self._function_dir: Path | None = None
        self._timeout: float | None = None
        self._initialized = False

    def init(self, options: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        """Switch the cloud calls on. A second call changes nothing, as in the SDK.

        Args:
            options: a dict as in JavaScript: ``env`` (an id, or ``DYNAMIC_CURRENT_ENV``),
                ``timeout`` (milliseconds one cloud call may take).
            **named: the same as keyword arguments.

        Raises:
            CloudError: the options are no dict, or the time-out is no positive number.
        """
        if options is not None and not isinstance(options, Mapping):
            raise CloudError(
                UNKNOWN_ERROR, f"init options should be object instead of {type(options).__name__};"
            )
        if self._initialized:
            return
        given = {**(options or {}), **named}
        for unknown in given.keys() - _INIT_OPTIONS:
            _log.warning("cloud.init: there is no option %r; it changes nothing", unknown)
        timeout = given.get("timeout")
        if timeout is not None:
            if not isinstance(timeout, (int, float)) or not 0 < timeout <= 3_600_000:
                raise CloudError(UNKNOWN_ERROR, "init timeout should be milliseconds above 0;")
            self._timeout = timeout / 1000
        # The function is the file that calls init: its folder has its config.json.
        caller = sys._getframe(1).f_globals.get("__file__")  # noqa: SLF001  (no public way)
        self._function_dir = Path(caller).resolve().parent if caller else Path.cwd()
        self._initialized = True

    @property
    def openapi(self) -> OpenApi:
        """WeChat's server API: ``await cloud.openapi.ocr.driverLicense(imgUrl=…)``.

        ``cloud.openapi({"convertCase": False})`` keeps snake_case.
        """
        return OpenApi(self._call, {})

    def getWXContext(self) -> dict[str, str]:
        """The caller: OPENID, APPID, UNIONID, …, ENV, SOURCE. It needs no ``init``."""
        return read_wx_context()

    def _call(
        self, operation: str, params: Any, named: dict[str, Any], options: Options
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        # Not a coroutine itself: a missing init is told at once, as by the SDK.
        if not self._initialized:
            raise CloudError(UNKNOWN_ERROR, _NOT_INITIALIZED)
        return self._openapi(operation, params, named, options)

    async def _openapi(
        self, operation: str, params: Any, named: dict[str, Any], options: Options
    ) -> dict[str, Any]:
        api = f"openapi.{operation}"
        convert = options.get("convertCase") is not False
        try:
            transport = self._ready()
            if not transport.supports(operation):
                raise CloudError(OPENAPI_NOT_FOUND, f"{api}:fail API not found{_hint(operation)}")
            self._check_permission(operation)
            wire = _wire_params(operation, params, named, convert=convert)
            reply = await transport.openapi(OpenApiCall(operation, wire))
        except ParameterError as error:
            raise CloudError(
                TCB_INVALID_PARAM, f"{api}:fail invalid parameters. {error}"
            ) from error
        except ConfigError as error:
            raise CloudError(
                TCB_INVALID_PARAM, f"{api}:fail invalid configuration. {error}"
            ) from error
        except CredentialError as error:
            code = error.errcode or TCB_RESOURCE_NOT_INITIALIZED
            raise CloudError(code, f"{api}:fail {error}") from error
        except TransportError as error:
            code = TCB_RESOURCE_SYSTEM_ERROR
            text = f"{api}:fail {code} {cloud_code_text(code)}. {error}"
            raise CloudError(code, text) from error
        return answer_of(operation, reply, convert_case=convert)

    def _ready(self) -> Transport:
        if self._settings is None:
            self._settings = load_settings(function_dir=self._function_dir)
        if self._transport is None:
            settings = self._settings
            if self._timeout is not None:
                settings = settings.model_copy(update={"timeout": self._timeout})
            self._transport = HttpsTransport(settings)
        return self._transport

    def _check_permission(self, operation: str) -> None:
        """Refuse what config.json does not allow; a file mended meanwhile is read again."""
        if self._permissions is not None and self._permissions.allows(operation):
            return
        configured = self._settings.function_dir if self._settings else None
        self._permissions = load_permissions(configured or self._function_dir or Path.cwd())
        if not self._permissions.allows(operation):
            code = OPENAPI_NO_PERMISSION
            raise CloudError(
                code,
                f"openapi.{operation}:fail {cloud_code_text(code)}; "
                f"{self._permissions.how_to_allow(operation)}",
            )


def _wire_params(
    operation: str, params: Any, named: dict[str, Any], *, convert: bool
) -> dict[str, Any]:
    """The parameters by their names on the wire; files as ``Media``; None is left out."""
    if params is not None and not isinstance(params, Mapping):
        raise ParameterError(
            f"parameters are a dict or keyword arguments, as imgUrl=…, not {type(params).__name__}"
        )
    known = operation_named(operation)
    files = {item.name for item in known.parameters if item.place is Place.FILE} if known else set()
    wire: dict[str, Any] = {}
    for key, value in {**(params or {}), **named}.items():
        if value is None:
            continue
        name = camel_to_snake(key) if convert and isinstance(key, str) else str(key)
        if name in files or is_media(value):
            wire[name] = to_media(name, value)
        else:
            wire[name] = convert_keys(value, camel_to_snake) if convert else value
    return wire


def _hint(operation: str) -> str:
    near = near_names(operation)
    return f"; did you mean {' or '.join(near)}?" if near else ""


cloud = Cloud()
"""The one instance that a function imports: ``from openapi_shim import cloud``."""

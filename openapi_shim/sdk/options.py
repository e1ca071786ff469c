"""What ``cloud.init`` takes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.catalog.cloud_codes import UNKNOWN_ERROR
from openapi_shim.credentials.cloudbase import CloudKeys
from openapi_shim.errors import CloudError
from openapi_shim.sdk.checks import js_type
from openapi_shim.transports.cloudbase import Gateway
from openapi_shim.transports.cloudbase_request import Endpoint

_log = logging.getLogger(__name__)

# What wx-server-sdk's init takes. Those of the second line change nothing here.
_KNOWN = {
    "env", "timeout", "secretId", "secretKey", "sessionToken", "proxy", "serviceUrl", "region",
    "protocol", "headers",
    "traceUser", "throwOnNotFound", "keepalive", "retries", "debug", "database", "throwOnCode",
    "version", "isHttp",
}  # fmt: skip


class CurrentEnv:
    """The type of ``DYNAMIC_CURRENT_ENV``."""

    def __repr__(self) -> str:
        return "DYNAMIC_CURRENT_ENV"


CURRENT_ENV = CurrentEnv()

Env = str | CurrentEnv | Mapping[str, Any] | None
"""An id, the current one, or one for each of functions, storage, database and default."""


@dataclass(frozen=True)
class InitOptions:
    """What ``cloud.init`` was called with.

    Attributes:
        env: the cloud environment that calls go to.
        timeout: seconds one call may take; None for the setting.
        gateway: how the cloud environment's gateway is reached.
    """

    env: Env = None
    timeout: float | None = None
    gateway: Gateway = field(default_factory=Gateway)


def init_options(options: Any, named: Mapping[str, Any]) -> InitOptions:
    """The options of ``cloud.init``: a dict as in JavaScript, keywords, or both.

    Raises:
        CloudError: one is of the wrong kind.
    """
    if options is not None and not isinstance(options, Mapping):
        raise CloudError(
            UNKNOWN_ERROR, f"init options should be object instead of {type(options).__name__};"
        )
    given = {**(options or {}), **named}
    for unknown in given.keys() - _KNOWN:
        _log.warning("cloud.init: there is no option %r; it changes nothing", unknown)
    env = given.get("env")
    if env is not None and not isinstance(env, (str, CurrentEnv, Mapping)):
        raise CloudError(UNKNOWN_ERROR, f"init env should be string instead of {js_type(env)};")
    secret_id, secret_key = given.get("secretId"), given.get("secretKey")
    if bool(secret_id) != bool(secret_key):
        raise CloudError(UNKNOWN_ERROR, "init secretId and secretKey are a pair: pass both;")
    token = given.get("sessionToken")
    endpoint = Endpoint(
        service_url=str(given.get("serviceUrl") or ""),
        region=str(given.get("region") or ""),
        protocol=str(given.get("protocol") or "https"),
        headers={str(key): str(value) for key, value in (given.get("headers") or {}).items()},
    )
    keys = CloudKeys(str(secret_id), str(secret_key), token and str(token)) if secret_id else None
    return InitOptions(env, _timeout(given), Gateway(endpoint, keys, given.get("proxy") or None))


def _timeout(given: Mapping[str, Any]) -> float | None:
    timeout = given.get("timeout")
    if timeout is None:
        return None
    if not isinstance(timeout, (int, float)) or not 0 < timeout <= 3_600_000:
        raise CloudError(UNKNOWN_ERROR, "init timeout should be milliseconds above 0;")
    return timeout / 1000

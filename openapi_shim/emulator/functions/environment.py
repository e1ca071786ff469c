"""The environment of a function's process, and what is said of each caller."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from openapi_shim.emulator.gateway.environment import (
    REGION,
    GatewayKeys,
    caller_environment,
    gateway_environment,
)
from openapi_shim.settings import Settings

LOCAL_APPID = "wx0000000000000000"
LOCAL_SECRET = "local"  # noqa: S105 - the emulator's own pair, good nowhere else
LOCAL_ENV = "local"

# The developer's own credentials and settings for the real WeChat and Tencent Cloud: a function
# under test must not have them.
_WITHHELD = ("OPENAPI_SHIM_", "WX_", "TCB_", "TENCENTCLOUD_", "CLOUDBASE_", "SCF_")


def emulator_account(settings: Settings) -> tuple[str, str]:
    """Appid and secret that the emulator accepts from its own functions."""
    secret = settings.emulator_secret.get_secret_value()
    return settings.emulator_appid or LOCAL_APPID, secret or LOCAL_SECRET


def emulator_env(settings: Settings) -> str:
    """Name of the emulator's own cloud environment."""
    return settings.emulator_env or LOCAL_ENV


def gateway_keys(settings: Settings) -> GatewayKeys:
    """Keys for functions to sign with: those the gateway checks, if it checks."""
    key = settings.gateway_secret_key.get_secret_value()
    return GatewayKeys(settings.gateway_secret_id, key) if key else GatewayKeys()


def process_environment(
    own: Mapping[str, str],
    settings: Settings,
    base_url: str,
    *,
    folder: str,
    variables: Mapping[str, str],
) -> dict[str, str]:
    """The environment a function's process starts with.

    Args:
        own: the emulator's environment, from which what is the developer's is taken away.
        settings: the emulator's.
        base_url: where the emulator answers.
        folder: of the function.
        variables: the function's own, from its config.json; they cannot replace the platform's.
    """
    appid, secret = emulator_account(settings)
    kept = {name: value for name, value in own.items() if not name.startswith(_WITHHELD)}
    return {
        **kept,
        "TZ": "UTC",  # as on the platform
        **variables,
        **gateway_environment(base_url, gateway_keys(settings)),
        **caller_environment(env=emulator_env(settings), appid=appid),
        "OPENAPI_SHIM_APPID": appid,
        "OPENAPI_SHIM_SECRET": secret,
        "OPENAPI_SHIM_FUNCTION_DIR": folder,
        "PYTHONDONTWRITEBYTECODE": "1",  # as the platform sets it; a changed file is never stale
        "PYTHONIOENCODING": "utf-8:backslashreplace",
    }


@lru_cache(maxsize=256)
def caller_json(
    env: str, appid: str, openid: str, source: str, uid: str, unionid: str = ""
) -> bytes:
    """What the worker is told of a caller, as JSON without line breaks; it adds the token.

    Args:
        env: name of the cloud environment.
        appid: of the mini-program.
        openid: of its user; empty where none calls.
        source: as ``getWXContext().SOURCE`` shows it.
        uid: of an anonymous web user.
        unionid: of the user, over all accounts of one owner.
    """
    token = "WX_API_TOKEN"  # noqa: S105 - the variable's name; it makes that variable listed
    environ = caller_environment(
        env=env,
        appid=appid,
        openid=openid,
        source=source,
        token=token,
        uid=uid,
        unionid=unionid,
    )
    del environ[token]
    user = {"appId": appid, "openId": openid} if openid else None
    return json.dumps({"environ": environ, "user": user}).encode("ascii")


def fixed_context(name: str, *, memory: int, seconds: float) -> dict[str, object]:
    """The entries of ``context`` that are the same for all calls of a function.

    Args:
        name: of the function.
        memory: it may use, in megabytes.
        seconds: a call may take.
    """
    return {
        "function_name": name,
        "function_version": "$LATEST",
        "memory_limit_in_mb": memory,
        "time_limit_in_ms": round(seconds * 1000),
        "tencentcloud_region": REGION,
    }

"""The environment of a function's process, and the context of its invocations."""

from __future__ import annotations

import json
from collections.abc import Mapping

from openapi_shim.emulator.functions.folder import Function
from openapi_shim.settings import ENV_PREFIX, Settings
from openapi_shim.wechat.tcb import Invocation

LOCAL_APPID = "wx0000000000000000"
LOCAL_SECRET = "local"  # noqa: S105 - the emulator's own pair, good nowhere else
LOCAL_ENV = "local"
_MEMORY = 256  # MB, the platform's default; nothing enforces it here
_CONTEXT_KEYS = "WX_APPID"

# The developer's own credentials for the real WeChat: a function under test must not have them.
_WITHHELD = ("WX_CLOUDBASE_ACCESSTOKEN", "WX_API_TOKEN", "WX_TRIGGER_API_TOKEN_V0", "WX_OPENID")


def emulator_account(settings: Settings) -> tuple[str, str]:
    """Appid and secret that the emulator accepts from its own functions."""
    secret = settings.emulator_secret.get_secret_value()
    return settings.emulator_appid or LOCAL_APPID, secret or LOCAL_SECRET


def process_environment(
    own: Mapping[str, str], settings: Settings, function: Function, base_url: str
) -> dict[str, str]:
    """The environment a function's process starts with.

    Args:
        own: the emulator's environment, from which what is the developer's is taken away.
        settings: the emulator's.
        function: whose process.
        base_url: where the emulator answers.
    """
    kept = {
        name: value
        for name, value in own.items()
        if not name.startswith(ENV_PREFIX) and name not in _WITHHELD
    }
    appid, secret = emulator_account(settings)
    return kept | {
        "OPENAPI_SHIM_BASE_URL": base_url,
        "OPENAPI_SHIM_APPID": appid,
        "OPENAPI_SHIM_SECRET": secret,
        "OPENAPI_SHIM_FUNCTION_DIR": str(function.folder),
        "TENCENTCLOUD_RUNENV": "SCF",
        "WX_CONTEXT_KEYS": _CONTEXT_KEYS,
        "TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE",
        "PYTHONDONTWRITEBYTECODE": "1",  # as the platform sets it; a changed file is never stale
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        **call_environment(Invocation(function.name, "{}", appid=appid)),
    }


def call_environment(invocation: Invocation) -> dict[str, str]:
    """The variables that tell a function who calls."""
    env = invocation.env or LOCAL_ENV
    return {
        "TCB_ENV": env,
        "SCF_NAMESPACE": env,
        "TCB_SOURCE": invocation.source,
        "WX_APPID": invocation.appid,
    }


def call_context(invocation: Invocation, request_id: str, seconds: float) -> dict[str, object]:
    """What ``main`` gets as its second argument, with the platform's keys.

    Args:
        invocation: the call.
        request_id: its id.
        seconds: it may take.
    """
    environ = call_environment(invocation) | {"WX_CONTEXT_KEYS": _CONTEXT_KEYS}
    return {
        "request_id": request_id,
        "function_name": invocation.name,
        "function_version": "$LATEST",
        "namespace": invocation.env or LOCAL_ENV,
        "memory_limit_in_mb": _MEMORY,
        "time_limit_in_ms": round(seconds * 1000),
        "environment": json.dumps(environ),
        "environ": ";".join(f"{name}={value}" for name, value in environ.items()),
    }

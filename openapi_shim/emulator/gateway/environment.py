"""The environment variables by which a process reaches the gateway, and knows who called it.

Server SDKs are redirected by one variable, ``TCB_CONTEXT_CNFG``, and sign with keys they find
in others; a context variable counts for them only when ``WX_CONTEXT_KEYS`` or
``TCB_CONTEXT_KEYS`` lists its name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

REGION = "ap-shanghai"  # what the platform's functions for mini-programs run in
LOCAL_KEY = "local"  # id and key of a signature that nobody checks
CLIENT_IP = "127.0.0.1"

_TCB_CONTEXT_KEYS = "TCB_ENV,TCB_SOURCE,TCB_UUID,TCB_ISANONYMOUS_USER"


@dataclass(frozen=True)
class GatewayKeys:
    """The temporary keys the platform gives a function, here the emulator's own."""

    secret_id: str = LOCAL_KEY
    secret_key: str = field(default=LOCAL_KEY, repr=False)
    session_token: str = field(default=LOCAL_KEY, repr=False)


def gateway_environment(url: str, keys: GatewayKeys | None = None) -> dict[str, str]:
    """What a process needs to reach the gateway; the same for all invocations.

    Args:
        url: of the emulator, e.g. ``http://127.0.0.1:8420``.
        keys: to sign with.
    """
    keys = keys or GatewayKeys()
    return {
        "OPENAPI_SHIM_BASE_URL": url,
        "TCB_CONTEXT_CNFG": json.dumps({"URL": f"{url}/admin"}, separators=(",", ":")),
        "TENCENTCLOUD_RUNENV": "SCF",
        "TENCENTCLOUD_REGION": REGION,
        "TENCENTCLOUD_SECRETID": keys.secret_id,
        "TENCENTCLOUD_SECRETKEY": keys.secret_key,
        "TENCENTCLOUD_SESSIONTOKEN": keys.session_token,
        "TCB_CONTEXT_KEYS": _TCB_CONTEXT_KEYS,
    }


def caller_environment(
    *,
    env: str,
    appid: str,
    openid: str = "",
    source: str = "",
    token: str = "",
    uid: str = "",
    unionid: str = "",
) -> dict[str, str]:
    """What tells a function who calls; made anew for each invocation.

    Every variable is always there, so that none stays behind from the invocation before; one
    without a value is not listed in ``WX_CONTEXT_KEYS``, so that ``getWXContext()`` lacks it.

    Args:
        env: name of the cloud environment.
        appid: of the mini-program.
        openid: of the user.
        source: as ``getWXContext().SOURCE`` shows it.
        token: of the invocation; empty outside one.
        uid: of an anonymous web user.
        unionid: of the user, over all accounts of one owner.
    """
    context = {
        "WX_API_TOKEN": token,
        "WX_OPENID": openid,
        "WX_APPID": appid,
        "WX_UNIONID": unionid,
        "WX_CLIENTIP": CLIENT_IP if openid or uid else "",
    }
    return {
        **context,
        "WX_CONTEXT_KEYS": ",".join(name for name, value in context.items() if value),
        "SCF_NAMESPACE": env,
        "TCB_ENV": env,
        "TCB_SOURCE": source,
        "TCB_UUID": uid,
        "TCB_ISANONYMOUS_USER": "true" if uid else "",
    }

"""Calls without a token, as WeChat CloudRun's open-interface service takes them.

A service of the platform stands in for api.weixin.qq.com inside the container's network and adds
the authorization. It speaks plain http; under https there is a certificate of its own that nobody
knows. (WeChat's documentation of the service; no account was at hand to try it.)
"""

from __future__ import annotations

from urllib.parse import urlsplit

from openapi_shim.errors import ConfigError
from openapi_shim.settings import ENV_PREFIX, Settings

_HOST = "api.weixin.qq.com"
_NOT_LISTED = (
    "the open-interface service does not know this path: list it (微信令牌/开放接口服务) for the "
    "service in WeChat CloudRun's console, switch the service on, and deploy a new version"
)
_ADVICE = {
    41001: "no open-interface service added a token: it is switched off, the version is older "
    "than the switch, or the container has only just started: call when requests come, not at "
    "start-up",
    85107: _NOT_LISTED,
    85113: "the open-interface service is not ready: call again",
}
_BAD_GATEWAY = 502


def base_of(settings: Settings) -> str:
    """Where calls go, without a slash at its end.

    Raises:
        ConfigError: calls without a token are to go to WeChat by https.
    """
    base = str(settings.base_url).rstrip("/")
    if not settings.tokenless:
        return base
    parts = urlsplit(base)
    if parts.scheme == "https" and parts.hostname == _HOST:
        if "base_url" in settings.model_fields_set:
            raise ConfigError(
                f"{ENV_PREFIX}TOKENLESS goes by http: {ENV_PREFIX}BASE_URL is {base}; leave it "
                f"out, or set http://{_HOST}"
            )
        return f"http://{_HOST}"
    return base


def advice_for(errcode: int) -> str:
    """What to do about *errcode* of a call without a token; empty where that is nothing special."""
    return _ADVICE.get(errcode, "")


def advice_for_status(status: int) -> str:
    """What to do about the HTTP *status* of such a call."""
    return _NOT_LISTED if status == _BAD_GATEWAY else ""

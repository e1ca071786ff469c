"""Calls a cloud function on a running emulator, over HTTP as any client would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import aiohttp
from yarl import URL

from openapi_shim.emulator.endpoints import (
    INVOKE_PATH,
    OPENID_HEADER,
    SOURCE_HEADER,
    STABLE_TOKEN_PATH,
)
from openapi_shim.emulator.journal import REASON_HEADER
from openapi_shim.errors import ConfigError

_CONNECT = 5.0  # seconds
_OTHER_ACCOUNT = (40013, 40125)  # the appid, or its secret, is not the emulator's


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation.

    Attributes:
        errcode: the platform's; 0 when the function ran to its end.
        errmsg: the platform's text.
        reason: why it failed, in words for the developer.
        result: what the function returned.
    """

    errcode: int
    errmsg: str
    reason: str
    result: Any

    @property
    def ok(self) -> bool:
        """Whether the function ran, and did not itself answer an error."""
        code = self.result.get("errCode", self.result.get("errcode", 0)) if self._dict else 0
        return self.errcode == 0 and code in (0, "0", None)

    @property
    def _dict(self) -> bool:
        return isinstance(self.result, dict)


async def call_function(
    url: str,
    account: tuple[str, str],
    name: str,
    event: str,
    *,
    openid: str = "",
    source: str = "",
) -> Outcome:
    """Call the function *name* of the emulator at *url*.

    Args:
        url: of the emulator, without a slash at its end.
        account: appid and secret.
        name: of the function.
        event: as JSON text.
        openid: of the user on whose behalf; empty for none.
        source: what ``getWXContext().SOURCE`` shall be; empty for the usual one.

    Raises:
        ConfigError: no emulator answers there.
    """
    base = URL(url)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        appid, secret = account
        credentials = {"grant_type": "client_credential", "appid": appid, "secret": secret}
        token, _ = await _post(session, base / STABLE_TOKEN_PATH[1:], json.dumps(credentials))
        if "access_token" not in token:
            raise ConfigError(_no_token(url, token))
        query = {"access_token": token["access_token"], "name": name}
        headers = {OPENID_HEADER: openid, SOURCE_HEADER: source}
        invoke = (base / INVOKE_PATH[1:]).with_query(query)
        answer, reason = await _post(session, invoke, event, headers)
    data = answer.get("resp_data")
    return Outcome(
        errcode=answer.get("errcode", -1),
        errmsg=answer.get("errmsg", ""),
        reason=reason,
        result=json.loads(data) if isinstance(data, str) else None,
    )


def _no_token(url: str, answer: Mapping[str, Any]) -> str:
    text = f"{url} gives no access token: {answer.get('errmsg')}"
    if answer.get("errcode") in _OTHER_ACCOUNT:
        return (
            f"{text}; set OPENAPI_SHIM_EMULATOR_APPID and OPENAPI_SHIM_EMULATOR_SECRET to those "
            "that the emulator was started with"
        )
    return text


async def _post(
    session: aiohttp.ClientSession, url: URL, body: str, headers: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], str]:
    """The answer, and the reason in its header."""
    try:
        async with session.post(url, data=body.encode(), headers=headers) as response:
            answer = json.loads(await response.read())
            reason = unquote(response.headers.get(REASON_HEADER, ""))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ConfigError(
            f"no emulator answers at {url.origin()}: start one with `openapi-shim start` ({error})"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{url.origin()} is no emulator: its answer is not JSON") from error
    if not isinstance(answer, dict):
        raise ConfigError(f"{url.origin()} is no emulator: its answer is no JSON object")
    return answer, reason

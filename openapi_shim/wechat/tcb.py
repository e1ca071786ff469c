"""invokecloudfunction: a cloud function called over HTTPS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from openapi_shim.errors import WeChatError
from openapi_shim.protocol.strict_json import NoJsonValueError, parse
from openapi_shim.wechat.calls import authenticate
from openapi_shim.wechat.tokens import TokenService

_ENV_NAME = re.compile(r"[A-Za-z0-9_-]{0,64}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{0,64}")
_SOURCE = re.compile(r"[a-z_]{1,32}(,[a-z_]{1,32}){0,7}")

SOURCE = "wx_http"
"""What ``getWXContext().SOURCE`` is for a function called over HTTPS."""


@dataclass(frozen=True)
class Invocation:
    """One run of a function.

    Attributes:
        name: of the function.
        event: what ``main`` gets, as JSON text.
        env: name of the cloud environment; empty for the emulator's own.
        appid: who calls.
        source: who called, as ``getWXContext().SOURCE`` says it.
        openid: of the user who calls; empty where there is none.
        uid: of the web user who calls; empty where there is none.
        unionid: of the user who calls, over all accounts of one owner; empty where not known.
    """

    name: str
    event: str
    env: str = ""
    appid: str = ""
    source: str = SOURCE
    openid: str = ""
    uid: str = ""
    unionid: str = ""


class FunctionRunner(Protocol):
    """Runs cloud functions."""

    async def invoke(self, invocation: Invocation) -> str:
        """The function's result as JSON text.

        Raises:
            InvocationError: there is no such function, it failed, or ran out of time.
        """
        ...


class InvokeService:
    """Answers ``/tcb/invokecloudfunction``, in both its forms.

    In the older form the query has ``env`` and ``name``, and the body is the event; in the
    newer one the body is ``{"env", "name", "req_data": "<event as JSON text>"}``.
    """

    def __init__(self, *, tokens: TokenService, functions: FunctionRunner, env: str = "") -> None:
        self._tokens = tokens
        self._functions = functions
        self._env = env

    async def authenticate(self, query: Mapping[str, str]) -> str:
        """The appid that calls; to be asked before the body is read.

        Raises:
            WeChatError: 41001, 40001 or 42001.
        """
        return await authenticate(query, self._tokens)

    async def answer(
        self,
        appid: str,
        query: Mapping[str, str],
        body: bytes,
        *,
        openid: str = "",
        source: str = "",
    ) -> dict[str, str]:
        """``{"resp_data": "<result as JSON text>"}``.

        Args:
            appid: who calls.
            query: of the request.
            body: of the request.
            openid: of the user on whose behalf the call is to seem, for developers; the real
                API knows none.
            source: what SOURCE is to be; empty for the usual one.

        Raises:
            WeChatError: 47001 the body is no JSON object; 40097 there is no name, or env, openid
                or source is none.
            InvocationError: the runner's own.
        """
        if not _OPENID.fullmatch(openid) or not _SOURCE.fullmatch(source or SOURCE):
            raise WeChatError(
                40097,
                "openid is letters, digits, - and _; source is like wx_client or wx_client,scf",
            )
        invocation = _invocation(appid, query, body)
        if self._env and invocation.env not in ("", self._env):
            raise WeChatError(
                40097, f"env {invocation.env!r} is not the emulator's, which is {self._env!r}"
            )
        if openid or source:
            invocation = replace(invocation, openid=openid, source=source or SOURCE)
        return {"resp_data": await self._functions.invoke(invocation)}


def _invocation(appid: str, query: Mapping[str, str], body: bytes) -> Invocation:
    text, event = _json_object(body, "the body")
    if "name" in query:
        if not query["name"]:
            raise WeChatError(40097, "name in the query is empty: it names the function")
        return Invocation(query["name"], text, _env(query.get("env", "")), appid)
    name, env, data = event.get("name"), event.get("env", ""), event.get("req_data", "")
    if not isinstance(name, str) or not name:
        raise WeChatError(
            40097, "name, which function to call, is neither in the query nor in a JSON body"
        )
    if not isinstance(data, str) or not isinstance(env, str):
        wrong = "env" if isinstance(data, str) else "req_data"
        raise WeChatError(47001, f"{wrong} is not a string; req_data is the event as JSON text")
    text, _ = _json_object(data.encode("utf-8", "surrogatepass"), "req_data")
    return Invocation(name, text, _env(env), appid)


def _env(name: str) -> str:
    """*name* as that of an environment; it becomes a variable of the function's process."""
    if not _ENV_NAME.fullmatch(name):
        raise WeChatError(
            40097, f"env {name[:80]!r} is no name of an environment (letters, digits, - and _)"
        )
    return name


def _json_object(raw: bytes, what: str) -> tuple[str, dict[str, Any]]:
    """*raw* as text and as an object; nothing at all counts as ``{}``."""
    try:
        text = raw.decode("utf-8-sig").strip() or "{}"
        value = parse(text)
    except UnicodeDecodeError as error:
        raise WeChatError(47001, f"{what} is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise WeChatError(47001, f"{what} is not JSON: {error.msg}, {where}") from error
    except NoJsonValueError as error:
        raise WeChatError(47001, f"{what} is not JSON: {error}") from error
    except (RecursionError, ValueError) as error:
        raise WeChatError(
            47001, f"{what} is JSON nested too deep, or with a number too long"
        ) from error
    if not isinstance(value, dict):
        raise WeChatError(47001, f"{what} is JSON, but not an object such as {{}}")
    return text, value

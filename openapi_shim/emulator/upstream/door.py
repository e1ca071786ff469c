"""The emulator's doors while the real WeChat, or a recording of it, answers behind them.

Cloud functions, storage and the gateway stay here. A client may bring its own account: then all
goes as it came. One that has the emulator's account, as functions and `openapi-shim invoke` do,
gets a token of the emulator's, and calls with it go under the account of the settings: so a
function under test needs no secret of the real one.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import unquote

from aiohttp import web

from openapi_shim.catalog.operations import operation_at
from openapi_shim.emulator.answering import Endpoint, Passed, Result, Visit
from openapi_shim.emulator.bodies import read_bytes
from openapi_shim.emulator.control.door import PREFIX
from openapi_shim.emulator.endpoints import STABLE_TOKEN_PATH, TOKEN_PATH
from openapi_shim.emulator.functions.environment import emulator_account
from openapi_shim.emulator.upstream.describing import Answered, Asked, pairs_of
from openapi_shim.emulator.upstream.service import Upstream, document_of
from openapi_shim.errors import UpstreamError, WeChatError
from openapi_shim.protocol.strict_json import parse
from openapi_shim.settings import Settings, UpstreamMode
from openapi_shim.wechat.answers import Answer, Answers
from openapi_shim.wechat.calls import TOKEN_PARAMETERS, Before
from openapi_shim.wechat.tokens import TokenService

BODY_LIMIT = 10 * 1024 * 1024  # bytes; what WeChat takes by one request is less
_TOKENS = {TOKEN_PATH: "token", STABLE_TOKEN_PATH: "stable_token"}
_LOCAL = "/tcb/"
_REMEMBERED = 1000
_RID = re.compile(r"rid: ([0-9a-f]{8}(?:-[0-9a-f]{8}){2})")


class UpstreamDoor:
    """Puts the real WeChat in the place of endpoints.

    Args:
        upstream: answers.
        settings: have the emulator's account.
        answers: makes the emulator's own answers.
        tokens: the emulator's own.
        before: asked before a call goes on its way.
    """

    def __init__(
        self,
        upstream: Upstream,
        settings: Settings,
        *,
        answers: Answers,
        tokens: TokenService,
        before: Before,
    ) -> None:
        self._upstream = upstream
        self._account = emulator_account(settings)
        self._answers = answers
        self._tokens = tokens
        self._before = before
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def around(self, path: str, endpoint: Endpoint) -> Endpoint:
        """What answers at *path* in the place of *endpoint*."""
        if path.startswith(_LOCAL):
            return self._with_local_token(endpoint)
        if path in _TOKENS and self._upstream.mode is UpstreamMode.REPLAY:
            return endpoint

        async def forward(request: web.Request, visit: Visit) -> Result:
            if _is_control(request.path):
                return await endpoint(request, visit)
            return await self._forward(request, visit)

        return forward

    async def _forward(self, request: web.Request, visit: Visit) -> Result:
        asked = await _asked(request)
        if asked.path in _TOKENS:
            fields = _fields(asked)
            visit.appid = str(fields.get("appid", ""))
            await self._before(_TOKENS[asked.path], visit.appid)
            if (visit.appid, fields.get("secret")) == self._account:
                return await self._own_token(asked.path, fields)
            answered = await self._upstream.ask(asked)
            self._learn(answered)
            return self._told(answered)
        ours = False
        if self._upstream.mode is not UpstreamMode.REPLAY:
            visit.appid = await self._own_appid(_token_of(asked))
            ours = bool(visit.appid)
        operation = operation_at(asked.path)
        await self._before(operation.name if operation else asked.path, visit.appid)
        return self._told(await self._upstream.ask(asked, ours=ours))

    def _told(self, answered: Answered) -> Passed:
        """The answer byte for byte, and what the log is to know of it."""
        document = document_of(answered) or {}
        code = document.get("errcode", 0)
        rid = _RID.search(str(document.get("errmsg", "")))
        response = web.Response(
            status=answered.status, headers=answered.headers, body=answered.body
        )
        known = self._answers.bare(document)
        errcode = code if isinstance(code, int) else 0
        return Passed(response, Answer(document, rid[1] if rid else known.rid, errcode))

    async def _own_token(self, path: str, fields: Mapping[str, object]) -> Result:
        """A token of the emulator's own, by the endpoint that was called."""
        grant = str(fields.get("grant_type", ""))
        if path == TOKEN_PATH:
            issued = await self._tokens.token(grant, *self._account)
        else:
            force = fields.get("force_refresh") in (True, "true", "1", 1)
            issued = await self._tokens.stable_token(grant, *self._account, force_refresh=force)
        return self._answers.bare(
            {"access_token": issued.access_token, "expires_in": issued.expires_in}
        )

    async def _own_appid(self, token: str) -> str:
        """The appid of a token of the emulator's own; empty for any other."""
        if not token:
            return ""
        try:
            return await self._tokens.check(token)
        except WeChatError:
            return ""

    def _learn(self, answered: Answered) -> None:
        """Remember a token that WeChat gave out: it opens the doors that stay here, too."""
        token = (document_of(answered) or {}).get("access_token")
        if isinstance(token, str) and token:
            self._seen[_digest(token)] = None
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def _with_local_token(self, endpoint: Endpoint) -> Endpoint:
        """*endpoint*, for WeChat's own tokens as well."""

        async def answer(request: web.Request, visit: Visit) -> Result:
            name = next((name for name in TOKEN_PARAMETERS if request.query.get(name)), "")
            if not name or _digest(request.query[name]) not in self._seen:
                return await endpoint(request, visit)
            issued = await self._tokens.stable_token("client_credential", *self._account)
            local = request.rel_url.update_query({name: issued.access_token})
            return await endpoint(request.clone(rel_url=local), visit)

        return answer


async def _asked(request: web.Request) -> Asked:
    target = request.raw_path.partition("#")[0]
    if not target.startswith("/"):  # a proxy's client names the host as well
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _, query = target.partition("?")
    body, cut = await read_bytes(request, BODY_LIMIT)
    if cut:
        raise UpstreamError(
            40097, f"the body has more than {BODY_LIMIT} bytes (10 MB) and is not passed on",
            status=413,
        )  # fmt: skip
    return Asked(request.method, path, query, request.headers, body)


def _is_control(path: str) -> bool:
    """Whether *path* is one of the emulator's own, however it is written."""
    return PREFIX.strip("/") in posixpath.normpath(unquote(path)).split("/")


def _fields(asked: Asked) -> dict[str, object]:
    """What a token endpoint is asked: the query's parameters, and those of a form or of JSON."""
    fields: dict[str, object] = dict(pairs_of(asked.query))
    if asked.body.lstrip().startswith(b"{"):
        try:
            fields |= parse(asked.body)
        except (ValueError, RecursionError):
            return fields
    elif asked.body:
        fields |= dict(pairs_of(asked.body.decode("utf-8", "replace")))
    return fields


def _token_of(asked: Asked) -> str:
    found = dict(pairs_of(asked.query))
    return next((found[name] for name in TOKEN_PARAMETERS if found.get(name)), "")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()

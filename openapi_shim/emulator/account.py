"""The endpoints about an account's own calls: its quota, and what became of a request."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from openapi_shim.catalog.explain import rid_in
from openapi_shim.catalog.operations import operation_at
from openapi_shim.emulator.answering import Endpoint, Visit
from openapi_shim.emulator.bodies import read_fields
from openapi_shim.emulator.control.memory import Memory
from openapi_shim.errors import WeChatError
from openapi_shim.wechat.answers import Answer, Answers
from openapi_shim.wechat.calls import authenticate
from openapi_shim.wechat.daily import DailyCalls
from openapi_shim.wechat.quota import Quota, Standing
from openapi_shim.wechat.tokens import DAILY, TOKEN, TokenService

QUOTA_PATH = "/cgi-bin/openapi/quota/get"
CLEAR_PATH = "/cgi-bin/clear_quota"
RID_PATH = "/cgi-bin/openapi/rid/get"


@dataclass(frozen=True)
class AccountEndpoints:
    """The endpoints over what they ask.

    Attributes:
        answers: makes the answers.
        tokens: know who calls.
        quota: of recognitions.
        calls: counts that can be cleared.
        memory: of the last requests; None where none are kept.
        token_path: of the token endpoint whose calls are counted.
    """

    answers: Answers
    tokens: TokenService
    quota: Quota
    calls: DailyCalls
    memory: Memory | None
    token_path: str

    def by_path(self) -> dict[str, Endpoint]:
        """The endpoints by their paths."""
        return {QUOTA_PATH: self.get_quota, CLEAR_PATH: self.clear_quota, RID_PATH: self.get_rid}

    async def get_quota(self, request: web.Request, visit: Visit) -> Answer:
        """Calls of the day at ``cgi_path``: the free ones, without those that were bought."""
        fields = await self._fields(request, visit)
        path = _text(fields, "cgi_path", "/cv/ocr/drivinglicense")
        standing = await self._standing(visit.appid, path, self._paths_known(request))
        return self.answers.ok(
            {
                "quota": {
                    "daily_limit": standing.limit,
                    "used": standing.used,
                    "remain": standing.remain,
                }
            }
        )

    async def clear_quota(self, request: web.Request, visit: Visit) -> Answer:
        """Let the day's counts of ``appid`` begin anew; ten times a month."""
        fields = await self._fields(request, visit)
        appid = fields.get("appid")
        if not isinstance(appid, str) or not appid:
            raise WeChatError(41002, 'the body has no appid; it is {"appid": "wx…"}')
        if appid != visit.appid:
            raise WeChatError(
                40013,
                f"the body has appid {appid[:40]!r}, and the access token belongs to another "
                f"appid, {visit.appid}: an account clears its own counts",
            )
        await self.calls.clear(appid)
        return self.answers.ok({})

    async def get_rid(self, request: web.Request, visit: Visit) -> Answer:
        """What became of the request ``rid``, if this appid made it within the last 7 days."""
        fields = await self._fields(request, visit)
        text = _text(fields, "rid", "5f9bacd4-723830a2-0d2a598e")
        rid = rid_in(text)
        if not rid:
            raise WeChatError(
                76001, f"{text[:60]!r} is no rid: it has three times 8 hexadecimal digits"
            )
        if self.memory is None:
            raise WeChatError(76001, "this server keeps no requests; its log has their reasons")
        found = self.memory.find(rid)
        if found is None or not self.memory.recent(found):
            raise WeChatError(
                76001,
                f"no request of the last thousand, and of the last 7 days, has the rid {rid}; the "
                "emulator forgets them when it ends",
            )
        if found.appid != visit.appid:
            whose = f"another appid, {found.appid}" if found.appid else "no appid that was known"
            raise WeChatError(
                76001, f"the request {rid} was made by {whose}, and the token is {visit.appid}'s"
            )
        return self.answers.ok({"request": found.as_wechat()})

    async def _standing(self, appid: str, path: str, known: frozenset[str]) -> Standing:
        if not path.startswith("/"):
            raise WeChatError(
                76003, f"cgi_path is {path[:80]!r}: send the path alone, from its slash on"
            )
        operation = operation_at(path)
        if operation is not None:
            return await self.quota.standing(appid, operation.name)
        if path == self.token_path:
            return Standing(DAILY, await self.calls.used(appid, TOKEN))
        if path in known:
            raise WeChatError(76022, f"the emulator does not count the calls of {path}")
        raise WeChatError(76021, f"the emulator has no operation at {path[:80]!r}")

    @staticmethod
    def _paths_known(request: web.Request) -> frozenset[str]:
        resources = request.app.router.resources()
        return frozenset(resource.canonical for resource in resources)

    async def _fields(self, request: web.Request, visit: Visit) -> dict[str, object]:
        if request.method != "POST":
            raise WeChatError(
                43002, f"the method is {request.method}; call {request.path} with POST"
            )
        visit.appid = await authenticate(request.query, self.tokens)
        return await read_fields(request)


def _text(fields: dict[str, object], name: str, example: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatError(40097, f'the body has no {name}; it is {{"{name}": "{example}"}}')
    return value

"""Rules at work: asked at the beginning of each call, felt in its answer."""

from __future__ import annotations

import asyncio
import fnmatch
import math
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.faults.rules import INVOKE, Effect, Latency, Rule
from openapi_shim.emulator.journal import LOG
from openapi_shim.errors import InvocationError, WeChatError
from openapi_shim.wechat.tcb import FunctionRunner, Invocation

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Sleep = Callable[[float], Awaitable[None]]
Expire = Callable[[str], Awaitable[None]]
"""Lets an access token expire at once."""

_P95 = 1.6448536269514722  # standard deviations above the mean
_HANG = 600.0  # seconds; clients have given up long before
_BEFORE = frozenset({Effect.RESET, Effect.HANG, Effect.BAD_GATEWAY, Effect.NOT_JSON})
_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True)
class Subject:
    """What a call is: *operation*, *function*, *appid* as a rule's match names them."""

    operation: str
    function: str = ""
    appid: str = ""


@dataclass
class _Felt:
    """What the request under way has met."""

    effect: Effect = Effect.NONE
    expire: bool = False


_FELT: ContextVar[_Felt | None] = ContextVar("fault", default=None)


@dataclass
class Tally:
    """A rule, how many calls fitted it, and how many met it."""

    rule: Rule
    fitting: int = 0
    met: int = 0


class Faults:
    """The rules that are in force.

    Args:
        rules: at the beginning.
        source: decides what goes by chance; seeded, it decides the same again.
        sleep: waits; for tests.
        told: of every call, whether it meets a fault or not.
    """

    def __init__(
        self,
        rules: list[Rule] | None = None,
        *,
        source: random.Random | None = None,
        sleep: Sleep = asyncio.sleep,
        told: Callable[[Subject], None] | None = None,
    ) -> None:
        self._tallies = {rule.name: Tally(rule) for rule in rules or []}
        self._random = source or random.Random()  # noqa: S311 - it protects nothing
        self._sleep = sleep
        self._told = told

    def tallies(self) -> list[Tally]:
        """All rules with their counts, in order."""
        return [replace(tally) for tally in self._tallies.values()]

    def put(self, rules: list[Rule]) -> None:
        """Add rules; one of the same name is replaced and counts anew."""
        for rule in rules:
            self._tallies[rule.name] = Tally(rule)

    def remove(self, name: str) -> bool:
        """Take a rule out of force; False when there is none of this name."""
        return self._tallies.pop(name, None) is not None

    def clear(self) -> None:
        """Take all rules out of force."""
        self._tallies.clear()

    async def meet(self, subject: Subject) -> None:
        """Let a call meet what it has to.

        Raises:
            WeChatError: the rule's errcode is to be answered, or the call not carried out.
        """
        if self._told is not None:
            self._told(subject)
        rule = self._pick(subject) if self._tallies else None
        if rule is None:
            return
        LOG.info("the rule %s meets %s", rule.name, subject.operation or subject.function)
        if rule.latency is not None:
            await self._sleep(self._seconds(rule.latency))
        felt = _FELT.get()
        if felt is not None:
            felt.effect, felt.expire = rule.effect, rule.expire_token
        errcode = 42001 if rule.expire_token else rule.errcode
        if errcode or rule.effect in _BEFORE:
            reason = f"the fault rule {rule.name} says so; `openapi-shim faults list` shows it"
            raise WeChatError(errcode or -1, reason)

    async def before(self, operation: str, appid: str) -> None:
        """As :meth:`meet`, for services that say no more.

        Raises:
            WeChatError: as :meth:`meet`.
        """
        await self.meet(Subject(operation, appid=appid))

    def middleware(self, expire: Expire) -> Middleware:
        """Lets the answers of such calls come as the rules have them.

        Args:
            expire: for tokens that are to expire.
        """

        @web.middleware
        async def feel(request: web.Request, handler: Handler) -> web.StreamResponse:
            felt = _Felt()
            token = _FELT.set(felt)
            try:
                response = await handler(request)
            finally:
                _FELT.reset(token)
            if felt.expire:
                await expire(request.query.get("access_token", ""))
            if felt.effect is Effect.NONE:
                return response
            return await self._changed(request, response, felt.effect)

        return feel

    def _pick(self, subject: Subject) -> Rule | None:
        """The first rule that fits and whose turn it is."""
        for tally in self._tallies.values():
            rule = tally.rule
            if not _fits(rule, subject) or (rule.times and tally.met >= rule.times):
                continue
            tally.fitting += 1
            if tally.fitting % rule.every or self._random.random() >= rule.share:
                continue
            tally.met += 1
            return rule
        return None

    def _seconds(self, latency: Latency) -> float:
        median, p95 = latency.median_ms, latency.p95_ms
        if not median or not p95:
            return median / 1000
        spread = math.log(p95 / median) / _P95
        return median / 1000 * math.exp(spread * self._random.gauss(0, 1))

    async def _changed(
        self, request: web.Request, response: web.StreamResponse, effect: Effect
    ) -> web.StreamResponse:
        if effect is Effect.HANG:
            await self._sleep(_HANG)
        if effect in (Effect.HANG, Effect.RESET, Effect.RESET_AFTER):
            return _reset(request)
        if effect is Effect.BAD_GATEWAY:
            return web.Response(status=502, text=_PAGE, content_type="text/html")
        if effect is Effect.NOT_JSON:
            return web.Response(text=_PAGE, content_type="text/html")
        if effect is Effect.CONTENT_TYPE:
            response.headers["Content-Type"] = "text/html; charset=utf-8"
            return response
        return await _truncated(request, response)


class FaultyRunner:
    """A runner of functions whose calls may meet a fault.

    Args:
        runner: runs those that do not.
        faults: the rules.
    """

    def __init__(self, runner: FunctionRunner, faults: Faults) -> None:
        self._runner = runner
        self._faults = faults

    async def invoke(self, invocation: Invocation) -> str:
        """As the runner's.

        Raises:
            InvocationError: the runner's own, or a rule's errcode.
        """
        try:
            await self._faults.meet(Subject(INVOKE, invocation.name, invocation.appid))
        except WeChatError as error:
            raise InvocationError(error.errcode, error.reason) from error
        return await self._runner.invoke(invocation)


def _fits(rule: Rule, subject: Subject) -> bool:
    wanted = rule.match
    return (
        (not wanted.operation or fnmatch.fnmatchcase(subject.operation, wanted.operation))
        and (not wanted.function or wanted.function == subject.function)
        and (not wanted.appid or wanted.appid == subject.appid)
    )


def _reset(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Half of the body under the length of the whole, and then nothing more."""
    body = response.body if isinstance(response, web.Response) else None
    content = body if isinstance(body, (bytes, bytearray)) else b""
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(content) or 100
    await half.prepare(request)
    await half.write(bytes(content[: len(content) // 2]))
    if request.transport is not None:
        request.transport.close()
    return half

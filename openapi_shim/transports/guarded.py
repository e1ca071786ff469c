"""Charged calls under guard: the same photo is charged once, and a day has its number of calls.

Two guards, each a transport around a transport: ``OncePerPhoto`` in front, since what it answers
costs nothing, and ``DailyCalls`` behind it. Without the store both let calls through: WeChat
counts too, and a photo that is charged twice is better than one that is not read.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from openapi_shim.catalog.cloud_codes import (
    OPENAPI_NO_PERMISSION,
    OPENAPI_NOT_FOUND,
    gateway_code,
)
from openapi_shim.catalog.days import day_of
from openapi_shim.catalog.operations import Operation, operation_named
from openapi_shim.catalog.wechat_codes import CALLED, TOO_FAST, USED_UP, VERDICTS, wechat_text
from openapi_shim.errors import (
    CloudError,
    ConfigError,
    CredentialError,
    StoreError,
    TransportError,
)
from openapi_shim.settings import ENV_PREFIX
from openapi_shim.single_flight import Outage, SingleFlight, Sleep
from openapi_shim.stores.base import Store
from openapi_shim.transports.base import (
    ActionCall,
    ActionReply,
    OpenApiCall,
    ParameterError,
    PlatformCall,
    RefusedError,
    Reply,
    Transport,
    Upload,
)
from openapi_shim.transports.photo_key import KnownCall, known_call
from openapi_shim.transports.sending import within

_KEPT_LIMIT = 64 * 1024  # bytes; an answer has about one thousand
_MINUTE = 60.0
_EXTRA = 1.0  # seconds
_JSON = "application/json; charset=utf-8"

# The SDK's errors of calls that were not let out, and the gateway's of which that is open.
_NOT_OUT = (OPENAPI_NOT_FOUND, OPENAPI_NO_PERMISSION)
_OPEN = (gateway_code("SYS_ERR"), gateway_code("SERVER_TIMEOUT"))

Clock = Callable[[], float]


class _Around:
    """A transport whose calls other than ``openapi`` go through as they are."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def action(self, call: ActionCall) -> ActionReply:
        """See ``Transport.action``."""
        return await self._inner.action(call)

    async def upload(self, upload: Upload) -> str:
        """See ``Transport.upload``."""
        return await self._inner.upload(upload)

    async def platform(self, call: PlatformCall) -> Any:
        """See ``Transport.platform``."""
        return await self._inner.platform(call)


class OncePerPhoto(_Around):
    """The same photo by the same caller gets the answer it got before, and is not charged again.

    Of calls at the same time one is made, and the others wait for its answer; if whoever made it
    dies, another makes it again. Kept is what the photo gets again: its fields, or that there is
    no licence in it; never -1, a used up quota or a refused token. By URL only fields and "no
    licence" are kept: what could not be downloaded or decoded once may be there the next time.

    Args:
        inner: makes the calls.
        store: keeps the answers, which hold what stands on the licence.
        seconds: for which an answer is kept.
        timeout: seconds one call may take, the waiting for another's included.
        account: on whose account calls go.
        caller: for whom the call is made, asked anew each time.
        clock: seconds since 1970.
        sleep: pauses while another makes the call.
    """

    def __init__(
        self,
        inner: Transport,
        store: Store,
        seconds: float,
        *,
        timeout: float,
        account: str,
        caller: Callable[[], str],
        clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(inner)
        self._store = store
        self._seconds = seconds
        self._timeout = timeout
        self._account = account
        self._caller = caller
        self._clock = clock
        self._outage = Outage("until it is back the same photo may be charged again")
        self._flight = SingleFlight(store, self._outage, clock=clock, sleep=sleep)

    async def openapi(self, call: OpenApiCall) -> Reply:
        """The kept answer, or a new one; see ``Transport.openapi``."""
        operation = operation_named(call.operation)
        known = None
        if operation is not None and operation.charged:
            known = known_call(call, operation, f"{self._account}\n{self._caller()}")
        if operation is None or known is None:
            return await self._inner.openapi(call)
        key, by_url = known.key, known.by_url

        async def look() -> Reply | None:
            kept = await self._store.get(key)
            if kept is None:
                return None
            content_type, body = json.loads(kept)
            return Reply(content_type, body.encode())

        answers: list[Reply] = []

        async def make() -> Reply:
            reply = await self._inner.openapi(known.call)
            answers.append(reply)
            if _is_verdict(reply, operation, by_url=by_url):
                await self._keep(known, reply)
            return reply

        # A little longer than the transport's own time, so that its words are heard.
        waited = self._flight.run(key, look, make)
        words = f"no answer within {self._timeout:g} s"
        try:
            reply: Reply = await within(self._timeout + _EXTRA, waited, words)
        except TransportError:
            if not answers:
                raise
            return answers[0]  # charged already; it is the store that takes too long to keep it
        return reply

    async def _keep(self, known: KnownCall, reply: Reply) -> None:
        kept = json.dumps([reply.content_type, reply.body.decode("utf-8", "replace")])
        try:
            await self._store.put(known.key, kept, expires=self._clock() + self._seconds)
        except StoreError as error:
            self._outage.met(error)


class DailyCalls(_Around):
    """At most *limit* charged calls a day, of all that share the store; midnight in Beijing.

    A call is counted before it leaves, and given back when it is known that it was not charged:
    it did not arrive, or WeChat answered something other than a recognition. After WeChat's own
    "used up" the rest of the day is refused here, and after "too fast" the minute. Who has
    bought more raises *limit*, which forgets what WeChat said before.

    Args:
        inner: makes the calls.
        store: keeps the counts.
        limit: calls a day.
        account: on whose account calls go; each is counted apart.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        inner: Transport,
        store: Store,
        limit: int,
        *,
        account: str,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(inner)
        self._store = store
        self._limit = limit
        self._account = account
        self._clock = clock
        self._outage = Outage("until it is back the calls of the day are not counted here")

    async def openapi(self, call: OpenApiCall) -> Reply:
        """The answer, or a refusal in WeChat's form; see ``Transport.openapi``."""
        operation = operation_named(call.operation)
        if operation is None or not operation.charged:
            return await self._inner.openapi(call)
        whose = json.dumps([self._account, call.appid, operation.name])
        place = hashlib.sha256(whose.encode()).hexdigest()  # names of accounts may be long
        day = day_of(self._clock())
        counted, paused = f"calls/{day.name}/{place}", f"pause/{self._limit}/{place}"
        try:
            refusal = await self._refusal(counted, paused, day.end)
            self._outage.over()
        except StoreError as error:
            self._outage.met(error)
            return await self._inner.openapi(call)
        if refusal is not None:
            return refusal
        try:
            reply = await self._inner.openapi(call)
        except Exception as error:
            if _not_charged(error):
                await self._give_back(counted)
            raise
        if reply.errcode not in CALLED:
            await self._give_back(counted)
            await self._pause(paused, reply.errcode)
        return reply

    async def _refusal(self, counted: str, paused: str, end: float) -> Reply | None:
        """Why the call must not be made; None when it has been counted."""
        said = await self._store.get(paused)
        if said is not None:
            since = "this minute" if int(said) == TOO_FAST else "today"
            return _refused(int(said), f"WeChat answered so {since}, and is not asked again")
        if await self._store.take(counted, limit=self._limit, expires=end):
            return None
        return _refused(
            101003, f"the {self._limit} calls of {ENV_PREFIX}CALLS_PER_DAY are used up for today"
        )

    async def _give_back(self, counted: str) -> None:
        try:
            await self._store.give_back(counted)
        except StoreError as error:
            self._outage.met(error)

    async def _pause(self, paused: str, errcode: int) -> None:
        now = self._clock()
        if errcode in USED_UP:
            end = day_of(now).end
        elif errcode == TOO_FAST:
            end = (now // _MINUTE + 1) * _MINUTE
        else:
            return
        try:
            await self._store.put(paused, str(errcode), expires=end)
        except StoreError as error:
            self._outage.met(error)


def _refused(errcode: int, why: str) -> Reply:
    told = f"{wechat_text(errcode)} (not sent: {why})"
    return Reply(_JSON, json.dumps({"errcode": errcode, "errmsg": told}).encode())


def _is_verdict(reply: Reply, operation: Operation, *, by_url: bool) -> bool:
    """Whether *reply* is one that the same photo gets again."""
    if len(reply.body) > _KEPT_LIMIT or reply.errcode not in (CALLED if by_url else VERDICTS):
        return False
    return reply.errcode != 0 or _has_result(reply, operation)


def _has_result(reply: Reply, operation: Operation) -> bool:
    """Whether *reply* has a field of the operation: a page of some proxy has none."""
    try:
        document = reply.document
    except (ValueError, RecursionError):
        return False
    names = {result.name for result in operation.result}
    return isinstance(document, dict) and not names.isdisjoint(document)


def _not_charged(error: Exception) -> bool:
    """Whether a call that ended with *error* certainly cost nothing."""
    if isinstance(error, TransportError):
        return not error.sent
    if isinstance(error, CloudError):
        return error.errCode in _NOT_OUT
    if isinstance(error, RefusedError):
        code = error.code if isinstance(error.code, int) else gateway_code(error.code)
        return code not in _OPEN
    return isinstance(error, (ConfigError, CredentialError, ParameterError))

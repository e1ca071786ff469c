"""The last requests and why they failed, for whoever asks with a request id in hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.journal import OUTCOME, Outcome, one_line
from openapi_shim.wechat.ids import Clock

_KEPT = 1000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Remembered:
    """One request; neither its query, in which a token is, nor any body.

    Attributes:
        rid: the id its client knows it by.
        at: when it came, seconds since 1970.
        method: of HTTP.
        path: without the query.
        code: WeChat's errcode, or the gateway's word.
        reason: why it failed; empty when it did not.
        milliseconds: it took.
    """

    rid: str
    at: float
    method: str
    path: str
    code: int | str
    reason: str
    milliseconds: int

    def as_object(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


class Memory:
    """The last thousand requests that had an id.

    Args:
        clock: when a request came.
        moment: seconds of a clock that nobody turns, for how long it took.
    """

    def __init__(self, clock: Clock, moment: Clock) -> None:
        self._clock = clock
        self._moment = moment
        self._kept: OrderedDict[str, Remembered] = OrderedDict()

    def find(self, rid: str) -> Remembered | None:
        """The request with this id, or None."""
        return self._kept.get(rid)

    def last(self, count: int) -> list[Remembered]:
        """The last *count* requests, the newest first."""
        newest = reversed(self._kept.values())
        return [item for _, item in zip(range(count), newest, strict=False)]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def middleware(self) -> Middleware:
        """Keeps every request that passes, once it is answered."""

        @web.middleware
        async def remember(request: web.Request, handler: Handler) -> web.StreamResponse:
            outcome = Outcome()
            token = OUTCOME.set(outcome)
            at, begin = self._clock(), self._moment()
            try:
                return await handler(request)
            finally:
                OUTCOME.reset(token)
                if outcome.rid:
                    self._keep(request, outcome, at, self._moment() - begin)

        return remember

    def _keep(self, request: web.Request, outcome: Outcome, at: float, seconds: float) -> None:
        self._kept[outcome.rid] = Remembered(
            outcome.rid,
            at,
            one_line(request.method),
            one_line(request.rel_url.raw_path),
            outcome.code,
            one_line(outcome.reason),
            round(seconds * 1000),
        )
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

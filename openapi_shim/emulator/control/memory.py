"""The last requests and why they failed, for whoever asks with a request id in hand."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.journal import OUTCOME, Outcome, one_line
from openapi_shim.wechat.ids import Clock

_KEPT = 1000
_DAYS = 7 * 86_400.0  # seconds for which WeChat knows a request
_HIDDEN = "***"
_SHOWN_PARAMETERS = frozenset({"type", "env", "name"})
_SHOWN_MEMBERS = frozenset({"errcode", "errmsg", "expires_in"})
_MOST_PARAMETERS = 20

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Remembered:
    """One request; neither values of its query, in which a token is, nor any body.

    Attributes:
        rid: the id its client knows it by.
        at: when it came, seconds since 1970.
        method: of HTTP.
        path: without the query.
        code: WeChat's errcode, or the gateway's word.
        reason: why it failed; empty when it did not.
        milliseconds: it took.
        appid: that called; empty where that is not known.
        client_ip: it came from.
        query: its parameters, nearly all values hidden.
        body: what was sent, by type and size.
        answer: what the client got, as JSON; values that may be secret or licence data hidden.
    """

    rid: str
    at: float
    method: str
    path: str
    code: int | str
    reason: str
    milliseconds: int
    appid: str
    client_ip: str
    query: str
    body: str
    answer: str

    def as_object(self) -> dict[str, object]:
        """For the emulator's own commands."""
        return {
            "rid": self.rid,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "appid": self.appid,
            "code": self.code,
            "reason": self.reason,
            "milliseconds": self.milliseconds,
        }

    def as_wechat(self) -> dict[str, object]:
        """As ``/cgi-bin/openapi/rid/get`` answers."""
        return {
            "invoke_time": int(self.at),
            "cost_in_ms": self.milliseconds,
            "request_url": self.query,
            "request_body": self.body,
            "response_body": self.answer,
            "client_ip": self.client_ip,
        }


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

    def recent(self, request: Remembered) -> bool:
        """Whether WeChat would know it still: for 7 days."""
        return self._clock() - request.at <= _DAYS

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
            one_line(outcome.appid),
            request.remote or "",
            _query(request),
            _body(request),
            _answer(outcome.answer),
        )
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _query(request: web.Request) -> str:
    pairs = list(request.query.items())[:_MOST_PARAMETERS]
    shown = [
        (name[:40], value[:60] if name in _SHOWN_PARAMETERS else _HIDDEN) for name, value in pairs
    ]
    return urlencode(shown, safe="*", errors="replace")


def _body(request: web.Request) -> str:
    if not request.body_exists:
        return ""
    size = request.content_length
    told = "of unknown length" if size is None else f"of {size} bytes"
    return f"{one_line(request.content_type)[:60]} {told}"


def _answer(body: Mapping[str, object]) -> str:
    shown = {name: value if name in _SHOWN_MEMBERS else _HIDDEN for name, value in body.items()}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")) if shown else ""

"""The clock by HTTP: ``{"freeze": true}``, ``{"advance": "7300s"}``, ``{"reset": true}``."""

from __future__ import annotations

import datetime as dt
import math
import re

from aiohttp import web

from openapi_shim.emulator.clock import HeldClock
from openapi_shim.emulator.control.door import Route, answer, json_of
from openapi_shim.errors import ControlError

_SPAN = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def clock_routes(clock: HeldClock) -> list[Route]:
    """``GET /clock`` and ``POST /clock``."""

    async def show(_: web.Request) -> web.StreamResponse:
        return answer(_described(clock))

    async def change(request: web.Request) -> web.StreamResponse:
        wanted = await json_of(request)
        if len(wanted) != 1:
            raise ControlError('one of {"freeze": …}, {"advance": …} and {"reset": true} is wanted')
        ((verb, value),) = wanted.items()
        try:
            _change(clock, verb, value)
        except ValueError as error:
            raise ControlError(str(error)) from error
        return answer(_described(clock))

    return [Route("GET", "/clock", show), Route("POST", "/clock", change)]


def seconds_of(value: object) -> float:
    """A span of time: seconds, or text as ``90s``, ``5m``, ``2h``, ``1d``, ``-1h``.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{str(value)[:40]!r} is no span of time, as 7300s, 5m, 2h or -1d")
    return float(found[1]) * _SECONDS[found[2] or ""]


def moment_of(value: object) -> float:
    """A moment: seconds since 1970, or ISO 8601 text; without a zone it is Beijing's.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(
            f"{str(value)[:40]!r} is no moment, as 2026-12-31T23:59:50+08:00"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=_BEIJING)).timestamp()


_BEIJING = dt.timezone(dt.timedelta(hours=8))


def _change(clock: HeldClock, verb: str, value: object) -> None:
    if verb == "freeze":
        clock.freeze(None if value in (True, None) else moment_of(value))
    elif verb == "advance":
        clock.advance(seconds_of(value))
    elif verb == "reset":
        clock.reset()
    else:
        raise ValueError(f"{verb[:40]!r} is nothing to do with a clock: freeze, advance, reset")


def _described(clock: HeldClock) -> dict[str, object]:
    state = clock.state()
    now = dt.datetime.fromtimestamp(state.now, _BEIJING)
    return {
        "now": now.isoformat(timespec="milliseconds"),
        "timestamp": state.now,
        "held": state.held,
        "ahead": round(state.ahead, 3),
    }

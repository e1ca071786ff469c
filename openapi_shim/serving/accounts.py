"""Keeping account of requests: each is told once, when it has ended, to all who count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.entrance import Handler
from openapi_shim.emulator.journal import OUTCOME, Outcome

OTHER = "other"
"""The path of a request that leads nowhere: what clients make up must not become a label."""

_UNTOLD = ("/readyz", "/livez")


@dataclass(frozen=True)
class Finished:
    """A request that has ended.

    Attributes:
        method: of HTTP, or ``other``.
        path: the route's template, e.g. ``/v1/functions/{name}``; never what the client wrote.
        outcome: how it ended.
        seconds: it took.
    """

    method: str
    path: str
    outcome: Outcome
    seconds: float


class Accountant(Protocol):
    """Whoever counts requests."""

    def finished(self, request: Finished) -> None:
        """*request* has ended."""
        ...


def keep_accounts(accountants: Sequence[Accountant]) -> Middleware:
    """Tells *accountants* of every request; probes of health are none."""

    @web.middleware
    async def account(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = path_template(request)
        if path in _UNTOLD:
            return await handler(request)
        begin = time.perf_counter()
        outcome = Outcome(code="FAULT")
        token = OUTCOME.set(outcome)
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            outcome.code = "CLIENT_GONE"
            raise
        finally:
            OUTCOME.reset(token)
            method = request.method if request.method in _METHODS else OTHER
            told = Finished(method, path, outcome, time.perf_counter() - begin)
            for accountant in accountants:
                accountant.finished(told)

    return account


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


def path_template(request: web.Request) -> str:
    """The template of the route *request* took, or ``other``."""
    resource = request.match_info.route.resource
    canonical = resource.canonical if resource is not None else ""
    return OTHER if canonical in ("", "/{path}") else canonical

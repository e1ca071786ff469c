"""What was called, for assertions of tests: operations and functions, by whichever door."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict

from aiohttp import web

from openapi_shim.emulator.control.door import Route, answer
from openapi_shim.emulator.faults.engine import Subject

_KEPT = 10_000


class Calls:
    """The last calls, the oldest first. What they said is not kept: it is licence data."""

    def __init__(self) -> None:
        self._kept: deque[Subject] = deque(maxlen=_KEPT)

    def note(self, subject: Subject) -> None:
        """Keep one."""
        self._kept.append(subject)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def routes(self) -> list[Route]:
        """``GET`` and ``DELETE /calls``."""

        async def show(_: web.Request) -> web.StreamResponse:
            return answer({"calls": [asdict(subject) for subject in self._kept]})

        async def clear(_: web.Request) -> web.StreamResponse:
            self.clear()
            return answer({"calls": []})

        return [Route("GET", "/calls", show), Route("DELETE", "/calls", clear)]

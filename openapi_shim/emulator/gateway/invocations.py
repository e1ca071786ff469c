"""Tokens that say which running invocation a request comes from, and what it may do.

The runner mints one for every invocation and hands it to the function as ``WX_API_TOKEN``;
the SDK sends it along with every call.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from openapi_shim.permissions import PermissionList

GRACE = 1.0  # seconds for what a function sent just before it returned
_ENDED_KEPT = 1024  # tokens of ended invocations remembered, to say why they are refused
_TOKEN_BYTES = 24


@dataclass(frozen=True)
class Caller:
    """Who speaks through a token.

    Attributes:
        function: name of the function that runs; empty for a process outside the workers.
        permissions: what its config.json allows; None: what the project's does.
        appid: of the mini-program on whose behalf it runs.
        openid: of the user on whose behalf it runs; empty where there is none.
        source: the function's own SOURCE, e.g. ``wx_client``; a call it makes extends it.
        env: name of the cloud environment it runs in; empty for the emulator's own.
        uid: of the web user on whose behalf it runs; empty where there is none.
    """

    function: str
    permissions: PermissionList | None
    appid: str = ""
    openid: str = ""
    source: str = ""
    env: str = ""
    uid: str = ""


@dataclass
class _Entry:
    caller: Caller
    until: float


class InvocationTokens:
    """Mints tokens and knows whose they are, for as long as the invocation runs.

    Args:
        clock: seconds from any beginning that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running: dict[str, _Entry] = {}
        self._ended: OrderedDict[str, _Entry] = OrderedDict()

    def mint(self, caller: Caller, *, seconds: float) -> str:
        """A token for an invocation of *caller* that may run *seconds*; :meth:`end` it after."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._running[token] = _Entry(caller, self._clock() + seconds + GRACE)
        return token

    def end(self, token: str) -> None:
        """The invocation has ended: soon after, *token* is good for nothing."""
        entry = self._running.pop(token, None)
        if entry is None:
            return
        entry.until = min(entry.until, self._clock() + GRACE)
        self._ended[token] = entry
        if len(self._ended) > _ENDED_KEPT:
            self._ended.popitem(last=False)

    def lookup(self, token: str) -> Caller | None:
        """Who speaks through *token*, or None: it is forged, or its invocation has ended."""
        entry = self._running.get(token) or self._ended.get(token)
        if entry is None or self._clock() > entry.until:
            return None
        return entry.caller

    def why_refused(self, token: str) -> str:
        """Why :meth:`lookup` finds nobody, in words for the log; never the token itself."""
        entry = self._running.get(token) or self._ended.get(token)
        if entry is None:
            return (
                "the invocation token (WX_API_TOKEN) was not given out by this emulator: it is "
                "from another one, or from before its last start"
            )
        ago = max(0.0, self._clock() - entry.until + GRACE)
        return (
            f"the invocation of {entry.caller.function} that this token (WX_API_TOKEN) was given "
            f"to ended {ago:.0f} s ago: a function must wait for its cloud calls before it returns"
        )

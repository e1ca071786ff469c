"""Access tokens: given out, renewed, superseded, checked."""

from __future__ import annotations

import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from openapi_shim.errors import WeChatError
from openapi_shim.wechat.ids import Clock

LIFETIME = 7200  # seconds a token lives
OVERLAP = 300  # seconds the token before still works; also how early stable_token renews
_GRANT_TYPE = "client_credential"
_TOKENS_KEPT = 20_000
_APPID = re.compile(r"[A-Za-z0-9_.-]{1,128}")  # WeChat's are wx and 16 hexadecimal digits


@dataclass(frozen=True)
class IssuedToken:
    """A token and the whole seconds it has left."""

    access_token: str
    expires_in: int


@dataclass
class _Entry:
    """A token given out: from *refused_from* on it is answered *refused_with*."""

    token: str
    appid: str
    expires: float
    refused_from: float
    refused_with: int = 42001


class TokenService:
    """Gives out and checks access tokens, as both of WeChat's endpoints do.

    Any appid and secret are good unless one is set here. Memory is bounded: beyond
    *capacity* tokens the oldest are forgotten.

    Args:
        clock: seconds since 1970.
        new_token: makes a token nobody can guess.
        appid: the only appid accepted; empty accepts any.
        secret: the only secret accepted; empty accepts any.
        capacity: tokens remembered, those in use and those gone together.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        new_token: Callable[[], str],
        appid: str = "",
        secret: str = "",
        capacity: int = _TOKENS_KEPT,
    ) -> None:
        self._clock = clock
        self._new_token = new_token
        self._appid = appid
        self._secret = secret
        self._capacity = capacity
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._plain: dict[str, _Entry] = {}
        self._stable: dict[str, _Entry] = {}

    def token(self, grant_type: str, appid: str, secret: str) -> IssuedToken:
        """A new token of ``/cgi-bin/token``; the one before works for 5 minutes more.

        Raises:
            WeChatError: 40002, 41002, 41004, 40013 or 40125.
        """
        self._admit(grant_type, appid, secret)
        now = self._clock()
        self._supersede(self._plain.get(appid), now + OVERLAP)
        return self._issue(self._plain, appid, now)

    def stable_token(
        self, grant_type: str, appid: str, secret: str, *, force_refresh: bool = False
    ) -> IssuedToken:
        """The token of ``/cgi-bin/stable_token``: the same until 5 minutes before its end.

        Args:
            grant_type: ``client_credential``.
            appid: who asks.
            secret: that appid's secret.
            force_refresh: give a new one, and refuse the old one at once.

        Raises:
            WeChatError: 40002, 41002, 41004, 40013 or 40125.
        """
        self._admit(grant_type, appid, secret)
        now = self._clock()
        current = self._stable.get(appid)
        if force_refresh:
            self._supersede(current, now)
        elif current is not None and current.expires - now >= OVERLAP:
            return IssuedToken(current.token, int(current.expires - now))
        return self._issue(self._stable, appid, now)

    def check(self, token: str) -> str:
        """The appid *token* was given to.

        Raises:
            WeChatError: 40001 it is unknown, or a newer one replaced it; 42001 it expired.
        """
        entry = self._entries.get(token)
        if entry is None:
            raise WeChatError(
                40001,
                "the access token was never given out here; it is from another server, from "
                "before the emulator's last start, or was cut or encoded on its way",
            )
        now = self._clock()
        if now < entry.refused_from:
            return entry.appid
        ago = int(now - entry.refused_from)
        if entry.refused_with == 42001:
            reason = f"the access token expired {ago} s ago: get a new one and call again"
        else:
            reason = (
                f"a newer access token replaced this one, which stopped working {ago} s ago: "
                "share one token between all processes, or use stable_token"
            )
        raise WeChatError(entry.refused_with, reason)

    def _admit(self, grant_type: str, appid: str, secret: str) -> None:
        if grant_type != _GRANT_TYPE:
            shown = f"{grant_type[:40]!r}" if grant_type else "missing"
            raise WeChatError(40002, f"grant_type is {shown}; it must be {_GRANT_TYPE}")
        if not appid:
            raise WeChatError(41002, "appid is missing or empty")
        if not secret:
            raise WeChatError(41004, "secret is missing or empty")
        if not _APPID.fullmatch(appid) or (self._appid and appid != self._appid):
            expected = f"; the emulator was started for {self._appid}" if self._appid else ""
            raise WeChatError(40013, f"appid {appid[:40]!r} is not known here{expected}")
        if self._secret and not hmac.compare_digest(secret.encode(), self._secret.encode()):
            raise WeChatError(
                40125,
                "the secret is not the one the emulator was started with "
                "(OPENAPI_SHIM_EMULATOR_SECRET)",
            )

    def _issue(self, current: dict[str, _Entry], appid: str, now: float) -> IssuedToken:
        expires = now + LIFETIME
        entry = _Entry(self._new_token(), appid, expires, refused_from=expires)
        self._entries[entry.token] = current[appid] = entry
        while len(self._entries) > self._capacity:
            _, oldest = self._entries.popitem(last=False)
            for table in (self._plain, self._stable):
                if table.get(oldest.appid) is oldest:
                    del table[oldest.appid]
        return IssuedToken(entry.token, LIFETIME)

    @staticmethod
    def _supersede(entry: _Entry | None, end: float) -> None:
        if entry is not None and end < entry.refused_from:
            entry.refused_from, entry.refused_with = end, 40001

"""Access tokens: given out, renewed, superseded, checked.

All state is in a store, so that it outlives the process and several share it. Of a token the
store has the SHA-256 alone, and of the stable one a seed that makes a token only together with
the emulator's secret: who steals the store cannot call with it. (Where no secret is set, anybody
gets a token by asking for it.)
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from openapi_shim.catalog.days import day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.base import Store
from openapi_shim.wechat.daily import DailyCalls
from openapi_shim.wechat.ids import Clock, token_from_seed
from openapi_shim.wechat.token_form import why_no_token

LIFETIME = 7200  # seconds a token lives
OVERLAP = 300  # seconds the token before still works; also how early stable_token renews
HOURLY = 20_000
"""Tokens given out in an hour, whoever asks; it bounds the store."""
DAILY = 2000
"""Tokens of ``/cgi-bin/token`` a day and appid (documented)."""
FORCED = 20
"""Forced refreshes a day and appid (documented)."""
FORCED_APART = 30
"""Seconds between two forced refreshes; asked for earlier, nothing is refreshed (documented)."""
TOKEN = "token"  # noqa: S105 - the operation's name

_REMEMBERED = 7200  # seconds for which an ended token is told from one that never was
_TRUSTED = 1.0  # seconds for which a token that was found good is not looked up again
_TRUSTED_TOKENS = 1000
_GRANT_TYPE = "client_credential"
_APPID = re.compile(r"[A-Za-z0-9_.-]{1,128}")  # WeChat's are wx and 16 hexadecimal digits


@dataclass(frozen=True)
class IssuedToken:
    """A token and the whole seconds it has left."""

    access_token: str
    expires_in: int


@dataclass(frozen=True)
class _Entry:
    """A token given out: from *refused_from* on it is answered *refused_with*."""

    appid: str
    expires: float
    refused_from: float
    refused_with: int = 42001


@dataclass(frozen=True)
class _Stable:
    """The stable token of an appid: what it is made from, its digest and its end.

    When it was last refreshed by force, and how often on which day, stand beside it, so that one
    atomic step changes all.
    """

    seed: str
    digest: str
    expires: float
    forced_at: float = 0.0
    forced_on: str = ""
    forced: int = 0

    def forced_today(self, day: str) -> int:
        """Forced refreshes on *day*."""
        return self.forced if self.forced_on == day else 0


class TokenService:
    """Gives out and checks access tokens, as both of WeChat's endpoints do.

    Any appid and secret are good unless one is set here. Calls are quick: what the store said of
    a token counts for a second, unless it is superseded here; so a forced refresh in another
    process takes so long to be felt.

    Args:
        store: keeps what was given out.
        clock: seconds since 1970.
        new_token: makes a token nobody can guess.
        appid: the only appid accepted; empty accepts any.
        secret: the only secret accepted; empty accepts any.
        hourly: tokens given out in an hour before 45009.
        moment: seconds of a clock that nobody turns.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        new_token: Callable[[], str],
        appid: str = "",
        secret: str = "",
        hourly: int = HOURLY,
        moment: Clock = time.monotonic,
    ) -> None:
        self._store = store
        self._calls = DailyCalls(store, clock)
        self._clock = clock
        self._new_token = new_token
        self._appid = appid
        self._secret = secret
        self._hourly = hourly
        self._moment = moment
        self._trusted: dict[str, tuple[_Entry, float]] = {}

    async def token(self, grant_type: str, appid: str, secret: str) -> IssuedToken:
        """A new token of ``/cgi-bin/token``; the one before works for 5 minutes more.

        Raises:
            WeChatError: 40002, 41002, 41004, 40013, 40125 or 45009.
            StoreError: the store cannot be reached.
        """
        self._admit(grant_type, appid, secret)
        key, end = await self._calls.key(appid, TOKEN)
        if not await self._store.take(key, limit=DAILY, expires=end):
            raise WeChatError(
                45009,
                f"{appid} got {DAILY} access tokens today: keep a token for its 7200 s instead of "
                "getting one for each call; /cgi-bin/clear_quota lets the count begin anew",
            )
        now = self._clock()
        token = self._new_token()
        digest = await self._remember(token, appid, now)
        # Of several processes at once each puts its own in place of another's.
        key = f"wechat/plain/{appid}"
        while True:
            before = await self._store.add(key, digest, expires=now + LIFETIME)
            if before is None:
                break
            if await self._store.swap(key, before, digest, expires=now + LIFETIME):
                await self._refuse(before, now + OVERLAP)
                break
        return IssuedToken(token, LIFETIME)

    async def stable_token(
        self, grant_type: str, appid: str, secret: str, *, force_refresh: bool = False
    ) -> IssuedToken:
        """The token of ``/cgi-bin/stable_token``: the same until 5 minutes before its end.

        It cannot be refreshed by force twice within 30 s (the same one is answered), nor more
        than 20 times a day.

        Args:
            grant_type: ``client_credential``.
            appid: who asks.
            secret: that appid's secret.
            force_refresh: give a new one, and refuse the old one at once.

        Raises:
            WeChatError: 40002, 41002, 41004, 40013, 40125 or 45009.
            StoreError: the store cannot be reached.
        """
        self._admit(grant_type, appid, secret)
        key = f"wechat/stable/{appid}"
        while True:
            now = self._clock()
            there = await self._store.get(key)
            current = _Stable(**json.loads(there)) if there else None
            if current is not None and (not force_refresh or _just_forced(current, now)):
                token = await self._still_good(current, now)
                if token:
                    return IssuedToken(token, int(current.expires - now))
            day = day_of(now)
            forced = current.forced_today(day.name) if current else 0
            if force_refresh and forced >= FORCED:
                raise WeChatError(
                    45009,
                    f"{appid} refreshed its token by force {FORCED} times today, as often as "
                    "WeChat allows; force_refresh is for tokens that leaked, not for each call",
                )
            seed = self._new_token()
            token = token_from_seed(seed, self._secret)
            digest = await self._remember(token, appid, now)
            stable = _Stable(
                seed,
                digest,
                now + LIFETIME,
                forced_at=now if force_refresh else current.forced_at if current else 0.0,
                forced_on=day.name,
                forced=forced + force_refresh,
            )
            new = json.dumps(asdict(stable))
            if await self._replace(key, there, new, expires=max(stable.expires, day.end)):
                if current is not None and force_refresh:
                    await self._refuse(current.digest, now)
                return IssuedToken(token, LIFETIME)
            await self._forget(digest)  # another process was faster: its token is the one

    async def check(self, token: str) -> str:
        """The appid *token* was given to.

        Raises:
            WeChatError: 40014 it has not the form of a token; 40001 it is unknown, of another
                appid, or a newer one replaced it; 42001 it expired.
            StoreError: the store cannot be reached.
        """
        entry = await self._look_up(_digest(token))
        if entry is None:
            odd = why_no_token(token)
            if odd:
                raise WeChatError(40014, f"the access token has not the form of one: {odd}")
            raise WeChatError(
                40001,
                "the access token was never given out here; it is from another server, or from "
                "before the emulator's state was removed",
            )
        if self._appid and entry.appid != self._appid:
            raise WeChatError(
                40001,
                f"the access token belongs to another appid, {entry.appid}; the emulator was "
                f"started for {self._appid}: get a token for that one",
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

    def distrust(self) -> None:
        """Look every token up anew: the store's content was exchanged."""
        self._trusted.clear()

    async def expire(self, token: str) -> None:
        """Let *token* expire now, if it is good; whoever calls with it is told 42001.

        Raises:
            StoreError: the store cannot be reached.
        """
        await self._refuse(_digest(token), self._clock(), 42001)

    async def _look_up(self, digest: str) -> _Entry | None:
        known = self._trusted.get(digest)
        if known is not None and self._moment() < known[1]:
            return known[0]
        entry = _entry(await self._store.get(_token_key(digest)))
        if entry is not None:
            if len(self._trusted) >= _TRUSTED_TOKENS:
                self._trusted.clear()
            self._trusted[digest] = entry, self._moment() + _TRUSTED
        return entry

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

    async def _remember(self, token: str, appid: str, now: float) -> str:
        """Keep that *token* was given out; its digest."""
        hour = int(now // 3600)
        if not await self._store.take(
            f"wechat/issued/{hour}", limit=self._hourly, expires=(hour + 1) * 3600
        ):
            raise WeChatError(
                45009,
                f"{self._hourly} access tokens were given out within this hour: keep a token for "
                "its 7200 s instead of getting one for each call",
            )
        expires = now + LIFETIME
        digest = _digest(token)
        await self._put(digest, _Entry(appid, expires, refused_from=expires))
        return digest

    async def _put(self, digest: str, entry: _Entry) -> None:
        text = json.dumps(asdict(entry))
        await self._store.put(_token_key(digest), text, expires=entry.expires + _REMEMBERED)

    async def _still_good(self, stable: _Stable, now: float) -> str:
        """The token, or "" where a new one is due: it ends soon, or cannot be had again."""
        if stable.expires - now < OVERLAP:
            return ""
        token = token_from_seed(stable.seed, self._secret)
        if _digest(token) != stable.digest:
            return ""  # the emulator's secret is another one now
        entry = _entry(await self._store.get(_token_key(stable.digest)))
        return token if entry is not None and now < entry.refused_from else ""

    async def _replace(self, key: str, there: str | None, new: str, *, expires: float) -> bool:
        if there is None:
            return await self._store.add(key, new, expires=expires) is None
        return await self._store.swap(key, there, new, expires=expires)

    async def _refuse(self, digest: str, end: float, errcode: int = 40001) -> None:
        """From *end* on answer *errcode* for the token, unless it ends before."""
        key = _token_key(digest)
        while True:
            there = await self._store.get(key)
            entry = _entry(there)
            if there is None or entry is None or end >= entry.refused_from:
                return
            refused = json.dumps(asdict(replace(entry, refused_from=end, refused_with=errcode)))
            if await self._store.swap(key, there, refused, expires=entry.expires + _REMEMBERED):
                self._trusted.pop(digest, None)
                return

    async def _forget(self, digest: str) -> None:
        key = _token_key(digest)
        there = await self._store.get(key)
        if there is not None:
            await self._store.swap(key, there, None, expires=0.0)


def _just_forced(stable: _Stable, now: float) -> bool:
    return 0 <= now - stable.forced_at < FORCED_APART


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _token_key(digest: str) -> str:
    return f"wechat/token/{digest}"


def _entry(text: str | None) -> _Entry | None:
    return _Entry(**json.loads(text)) if text else None

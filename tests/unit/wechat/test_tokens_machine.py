"""Tokens against a model of them, by all orders of calls and at all times."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from openapi_shim.catalog.days import day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.tokens import TokenService

from .fakes import FakeClock

GRANT = "client_credential"
APPIDS = st.sampled_from(["wx1", "wx2"])
SPANS = st.one_of(
    st.sampled_from([1, 29, 30, 31, 3600, 86_400]),
    st.integers(0, 20_000),
)
REMEMBERED = 7200


@dataclass
class Model:
    """One token as WeChat's page tells of it."""

    appid: str
    end: float
    refused: int = 42001  # what is answered from the end on
    life: float = 0.0  # its end if nothing had cut it short

    def code(self, now: float) -> int:
        if now >= self.life + REMEMBERED:
            return 40001  # nobody remembers it
        return 0 if now < self.end else self.refused

    def cut(self, end: float, refused: int) -> None:
        if end < self.end:
            self.end, self.refused = end, refused


class Tokens(RuleBasedStateMachine):
    """Two appids, both endpoints, force, expiry, restarts; the clock moved between."""

    given = Bundle("given")

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.store = SqliteStore(MEMORY, clock=self.clock)
        numbers = itertools.count()
        self.new_token = lambda: f"17_{next(numbers):0133}"
        self.service = self.new_service()
        self.models: dict[str, Model] = {}
        self.plain: dict[str, str] = {}
        self.stable: dict[str, str] = {}
        self.forced_at: dict[str, float] = {}
        self.forced: dict[tuple[str, str], int] = {}

    def new_service(self) -> TokenService:
        return TokenService(
            self.store, clock=self.clock, new_token=self.new_token, moment=self.clock
        )

    def run(self, work: Awaitable[Any]) -> tuple[Any, int]:
        """What it gives, and the errcode it is refused with or 0."""

        async def do() -> tuple[Any, int]:
            try:
                return await work, 0
            except WeChatError as error:
                return None, error.errcode

        return self.loop.run_until_complete(do())

    def know(self, token: str, appid: str) -> None:
        assert token not in self.models, "a token is given out once"
        end = self.clock.now + 7200
        self.models[token] = Model(appid, end, life=end)

    @rule(target=given, appid=APPIDS, times=st.integers(1, 2))
    def get_token(self, appid: str, times: int) -> str:
        for _ in range(times):
            issued, _ = self.run(self.service.token(GRANT, appid, "s"))
            token: str = issued.access_token
            self.know(token, appid)
            assert issued.expires_in == 7200
            if appid in self.plain:
                self.models[self.plain[appid]].cut(self.clock.now + 300, 40001)
            self.plain[appid] = token
        return token

    @rule(target=given, appid=APPIDS, force=st.booleans())
    def get_stable_token(self, appid: str, force: bool) -> Any:
        now, day = self.clock.now, day_of(self.clock.now).name
        current = self.stable.get(appid)
        model = self.models.get(current or "")
        lasting = model is not None and model.code(now) == 0 and model.life - now >= 300
        wanted = force and now - self.forced_at.get(appid, 0.0) >= 30
        times = self.forced.get((appid, day), 0)
        issued, errcode = self.run(
            self.service.stable_token(GRANT, appid, "s", force_refresh=force)
        )
        if errcode:
            assert (errcode, force, times) == (45009, True, 20)
            return multiple()
        if lasting and not wanted:
            assert model is not None
            assert issued.access_token == current
            assert issued.expires_in == int(model.life - now) >= 300
            return multiple()
        self.know(issued.access_token, appid)
        if force:
            assert times < 20
            self.forced_at[appid] = now
            self.forced[appid, day] = times + 1
            if model is not None:
                model.cut(now, 40001)
        self.stable[appid] = issued.access_token
        return issued.access_token

    @rule(token=given)
    def expire(self, token: str) -> None:
        self.run(self.service.expire(token))
        model = self.models[token]
        if model.code(self.clock.now) == 0:
            model.cut(self.clock.now, 42001)

    @rule(span=SPANS)
    def wait(self, span: int) -> None:
        self.clock.now += span

    @rule(earlier=st.sampled_from([0, 1]))
    def wait_until_something_changes(self, earlier: int) -> None:
        """Or until a second before: all that can be wrong by a second is met so."""
        ends = {
            end - earlier
            for model in self.models.values()
            for end in (model.end, model.life - 300, model.life + REMEMBERED)
        }
        later = [end for end in ends if end > self.clock.now]
        if later:
            self.clock.now = min(later)

    @rule(appid=APPIDS)
    def force_often(self, appid: str) -> None:
        for _ in range(6):
            self.clock.now += 31
            self.get_stable_token(appid, force=True)

    @rule()
    def restart(self) -> None:
        self.service = self.new_service()

    @invariant()
    def every_token_is_answered_as_the_model_has_it(self) -> None:
        answers, _ = self.run(self.answers())
        for (token, model), answered in zip(self.models.items(), answers, strict=True):
            code = model.code(self.clock.now)
            assert answered == (code or model.appid), token

    async def answers(self) -> list[object]:
        """The appid of each token, or the errcode it is refused with."""
        return [await self.answer(token) for token in self.models]

    async def answer(self, token: str) -> object:
        try:
            return await self.service.check(token)
        except WeChatError as error:
            return error.errcode

    def teardown(self) -> None:
        self.loop.run_until_complete(self.store.close())
        self.loop.close()


Tokens.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestTokens = Tokens.TestCase

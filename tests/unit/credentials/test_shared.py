"""One token for all that share a store."""

from __future__ import annotations

import asyncio
import logging

import pytest

from openapi_shim.credentials.appid import AppidCredential
from openapi_shim.credentials.base import AccessToken, IssuedToken
from openapi_shim.credentials.shared import SharedTokens
from openapi_shim.errors import CredentialError
from tests.unit.stores_made import FickleStore, Waiting, until
from tests.unit.wechat.fakes import FakeClock

NAME = ("https://api.weixin.qq.com", "stable_token", "wx1")


class WeChat:
    """Gives out T1, T2, …; counts who asks."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    @property
    def asked(self) -> int:
        return len(self.refused)

    async def issue(self, refused: str = "") -> IssuedToken:
        self.refused.append(refused)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return IssuedToken(f"T{self.asked}", 7200.0, 6900.0)


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FickleStore(self.clock)
        self.wechat = WeChat()
        self.waiting = Waiting(self.clock)

    def instance(self, name: tuple[str, ...] = NAME) -> AppidCredential:
        shared = SharedTokens(self.wechat, self.store, name, clock=self.clock, sleep=self.waiting)
        return AppidCredential(shared, clock=self.clock)


@pytest.fixture
async def world() -> World:
    return World()


async def test_instances_that_start_at_once_ask_once(world: World) -> None:
    instances = [world.instance() for _ in range(10)]
    tokens = await asyncio.gather(*(one.token() for one in instances))
    assert {token.value for token in tokens} == {"T1"}
    assert world.wechat.asked == 1
    assert (await world.instance().token()).value == "T1"


async def test_at_its_end_one_asks_and_the_others_use_the_old_one_meanwhile(world: World) -> None:
    one, two = world.instance(), world.instance()
    await one.token()
    await two.token()
    world.clock.now += 6900
    world.wechat.gate.clear()
    asking = asyncio.create_task(one.token())
    await until(lambda: world.wechat.asked == 2)
    assert (await two.token()).value == "T1"
    assert world.waiting.times == 0
    world.wechat.gate.set()
    assert (await asking).value == "T2"
    assert (await two.token()).value == "T1", "for a second it does not look again"
    world.clock.now += 1
    assert (await two.token()).value == "T2"
    assert world.wechat.asked == 2


async def test_a_refused_token_is_renewed_by_one(world: World) -> None:
    instances = [world.instance() for _ in range(5)]
    for one in instances:
        await one.token()
    renewed = [await one.renew(AccessToken("T1")) for one in instances]
    assert {token.value for token in renewed if token} == {"T2"}
    assert world.wechat.refused == ["", "T1"]


async def test_accounts_endpoints_and_servers_have_tokens_of_their_own(world: World) -> None:
    names = [NAME, (*NAME[:2], "wx2"), (NAME[0], "token", NAME[2]), ("http://h", *NAME[1:])]
    tokens = [await world.instance(name).token() for name in names]
    assert [token.value for token in tokens] == ["T1", "T2", "T3", "T4"]


async def test_what_wechat_refuses_goes_to_each(world: World) -> None:
    world.wechat.error = CredentialError("invalid appid", errcode=40013)
    results = await asyncio.gather(
        *(world.instance().token() for _ in range(3)), return_exceptions=True
    )
    assert [str(result) for result in results] == ["invalid appid"] * 3


async def test_without_the_store_each_asks_for_itself(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.store.away = True
    one, two = world.instance(), world.instance()
    assert (await one.token()).value == "T1"
    assert (await two.token()).value == "T2"
    told = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    words = "The store is away; until it is back each process asks WeChat for a token of its own"
    assert told == [words] * 2, "once in each"
    world.store.away = False
    world.store.broken = {"put"}
    world.clock.now += 7200
    assert (await one.token()).value == "T3", "it could not be kept, but it is a token"


async def test_the_key_tells_nothing(world: World) -> None:
    await world.instance().token()
    (key,) = {args[0] for args in await _rows(world.store)}
    assert key.startswith("token/")
    assert "wx1" not in key


async def _rows(store: FickleStore) -> list[tuple[str]]:
    rows: list[tuple[str]] = await store._store._run(  # type: ignore[attr-defined]
        lambda db: db.execute("SELECT key FROM kept").fetchall()
    )
    return rows

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.catalog.days import day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.base import Store
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.tokens import FORCED, FORCED_APART, LIFETIME, OVERLAP, TokenService

from .fakes import FakeClock

GRANT = "client_credential"
FOREIGN = f"17_{'x' * 133}"  # the form of a token, but nobody's


_numbers = itertools.count(1)


def service(clock: FakeClock, store: Store | None = None, **settings: Any) -> TokenService:
    return TokenService(
        store or SqliteStore(MEMORY, clock=clock),
        clock=clock,
        new_token=lambda: f"17_{next(_numbers):0133}",
        **settings,
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def refusal(tokens: TokenService, token: str) -> int:
    with pytest.raises(WeChatError) as caught:
        await tokens.check(token)
    return caught.value.errcode


async def test_a_token_is_good_for_7200_seconds(clock: FakeClock) -> None:
    tokens = service(clock)
    issued = await tokens.token(GRANT, "wx1", "s")
    assert issued.expires_in == 7200
    clock.now += LIFETIME - 1
    assert await tokens.check(issued.access_token) == "wx1"
    clock.now += 1
    assert await refusal(tokens, issued.access_token) == 42001


async def test_a_newer_token_leaves_the_old_one_five_minutes(clock: FakeClock) -> None:
    tokens = service(clock)
    old = (await tokens.token(GRANT, "wx1", "s")).access_token
    new = (await tokens.token(GRANT, "wx1", "s")).access_token
    assert old != new
    clock.now += OVERLAP - 1
    assert await tokens.check(old) == await tokens.check(new) == "wx1"
    clock.now += 1
    assert await refusal(tokens, old) == 40001
    assert await tokens.check(new) == "wx1"


async def test_superseding_never_lengthens_a_life(clock: FakeClock) -> None:
    tokens = service(clock)
    old = (await tokens.token(GRANT, "wx1", "s")).access_token
    clock.now += LIFETIME - 10
    await tokens.token(GRANT, "wx1", "s")
    clock.now += 10
    assert await refusal(tokens, old) == 42001


async def test_appids_have_tokens_of_their_own(clock: FakeClock) -> None:
    tokens = service(clock)
    one = (await tokens.token(GRANT, "wx1", "s")).access_token
    await tokens.token(GRANT, "wx2", "s")
    clock.now += OVERLAP
    assert await tokens.check(one) == "wx1"


async def test_the_stable_token_stays_and_tells_its_remaining_life(clock: FakeClock) -> None:
    tokens = service(clock)
    first = await tokens.stable_token(GRANT, "wx1", "s")
    clock.now += 6900
    again = await tokens.stable_token(GRANT, "wx1", "s")
    assert (again.access_token, again.expires_in) == (first.access_token, 300)
    clock.now += 1
    renewed = await tokens.stable_token(GRANT, "wx1", "s")
    assert renewed.access_token != first.access_token
    assert renewed.expires_in == 7200
    assert await tokens.check(first.access_token) == "wx1"


async def test_force_refresh_ends_the_old_stable_token_at_once(clock: FakeClock) -> None:
    tokens = service(clock)
    old = (await tokens.stable_token(GRANT, "wx1", "s")).access_token
    new = (await tokens.stable_token(GRANT, "wx1", "s", force_refresh=True)).access_token
    assert await refusal(tokens, old) == 40001
    assert await tokens.check(new) == "wx1"
    assert (await tokens.stable_token(GRANT, "wx1", "s")).access_token == new


async def test_the_two_endpoints_do_not_touch_each_other(clock: FakeClock) -> None:
    tokens = service(clock)
    stable = (await tokens.stable_token(GRANT, "wx1", "s")).access_token
    await tokens.token(GRANT, "wx1", "s")
    clock.now += OVERLAP + 1
    assert await tokens.check(stable) == "wx1"


@pytest.mark.parametrize(
    ("grant", "appid", "secret", "errcode"),
    [
        ("", "wx1", "s", 40002),
        ("password", "wx1", "s", 40002),
        (GRANT, "", "s", 41002),
        (GRANT, "wx1", "", 41004),
        (GRANT, "x" * 200, "s", 40013),
        (GRANT, "wx\0", "s", 40013),
        (GRANT, "微信", "s", 40013),
    ],
)
async def test_what_is_missing_is_told(
    clock: FakeClock, grant: str, appid: str, secret: str, errcode: int
) -> None:
    for get in (service(clock).token, service(clock).stable_token):
        with pytest.raises(WeChatError) as caught:
            await get(grant, appid, secret)
        assert caught.value.errcode == errcode


async def test_only_the_configured_account_is_accepted(clock: FakeClock) -> None:
    tokens = service(clock, appid="wx1", secret="right")
    with pytest.raises(WeChatError) as caught:
        await tokens.token(GRANT, "wx2", "right")
    assert caught.value.errcode == 40013
    with pytest.raises(WeChatError) as caught:
        await tokens.token(GRANT, "wx1", "密")
    assert caught.value.errcode == 40125
    assert "right" not in caught.value.reason
    assert (await tokens.token(GRANT, "wx1", "right")).access_token


async def test_an_unknown_token_is_40001_and_not_shown(clock: FakeClock) -> None:
    with pytest.raises(WeChatError) as caught:
        await service(clock).check(FOREIGN)
    assert caught.value.errcode == 40001
    assert FOREIGN not in caught.value.reason


async def test_what_an_hour_may_give_is_bounded(clock: FakeClock) -> None:
    tokens = service(clock, hourly=3)
    for number in range(3):
        await tokens.token(GRANT, f"wx{number}", "s")
    for get in (tokens.token, tokens.stable_token):
        with pytest.raises(WeChatError) as caught:
            await get(GRANT, "wx9", "s")
        assert caught.value.errcode == 45009
        assert "keep a token for its 7200 s" in caught.value.reason
    clock.now += 3600
    assert (await tokens.token(GRANT, "wx9", "s")).access_token


async def test_tokens_outlive_the_process(clock: FakeClock, tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    before = SqliteStore(file, clock=clock)
    tokens = service(clock, before)
    plain = (await tokens.token(GRANT, "wx1", "s")).access_token
    stable = await tokens.stable_token(GRANT, "wx1", "s")
    await before.close()
    clock.now += 100
    after = SqliteStore(file, clock=clock)
    tokens = service(clock, after)
    assert await tokens.check(plain) == await tokens.check(stable.access_token) == "wx1"
    again = await tokens.stable_token(GRANT, "wx1", "s")
    assert (again.access_token, again.expires_in) == (stable.access_token, 7100)
    await tokens.token(GRANT, "wx1", "s")
    clock.now += OVERLAP
    assert await refusal(tokens, plain) == 40001
    await after.close()


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_stolen_file_opens_nothing(clock: FakeClock, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "state.sqlite", clock=clock)
    made: list[str] = []

    def new_token() -> str:
        made.append(f"17_{len(made)}" + "k3" * 66)
        return made[-1]

    owner = TokenService(store, clock=clock, new_token=new_token, secret="right")
    plain = (await owner.token(GRANT, "wx1", "right")).access_token
    stable = (await owner.stable_token(GRANT, "wx1", "right")).access_token
    await store.close()
    content = all_bytes(tmp_path)
    assert made[1].encode() in content, "the seed is there"
    for secret in (plain, stable, "right"):
        assert secret.encode() not in content
    assert {await refusal(owner, seed) for seed in made[1:]} == {40001}
    thief = TokenService(store, clock=clock, new_token=lambda: "x", secret="guess")
    assert (await thief.stable_token(GRANT, "wx1", "guess")).access_token != stable
    await store.close()


async def test_a_stable_token_looks_like_any_other(clock: FakeClock) -> None:
    token = (await service(clock, secret="s").stable_token(GRANT, "wx1", "s")).access_token
    assert re.fullmatch(r"[1-9][0-9]_[A-Za-z0-9]{133}", token)


async def test_processes_that_ask_at_once_get_one_stable_token(
    clock: FakeClock, tmp_path: Path
) -> None:
    stores = [SqliteStore(tmp_path / "state.sqlite", clock=clock) for _ in range(5)]
    asked = [service(clock, store).stable_token(GRANT, "wx1", "s") for store in stores]
    issued = await asyncio.gather(*asked)
    assert len({one.access_token for one in issued}) == 1
    assert await service(clock, stores[0]).check(issued[0].access_token) == "wx1"
    forced = [
        service(clock, store).stable_token(GRANT, "wx1", "s", force_refresh=True)
        for store in stores
    ]
    new = {one.access_token for one in await asyncio.gather(*forced)}
    good = (await service(clock, stores[0]).stable_token(GRANT, "wx1", "s")).access_token
    assert good in new
    for token in (new | {issued[0].access_token}) - {good}:
        assert await refusal(service(clock, stores[0]), token) == 40001
    for store in stores:
        await store.close()


async def test_an_ended_token_is_told_from_a_foreign_one_for_a_while(clock: FakeClock) -> None:
    tokens = service(clock, moment=clock)
    token = (await tokens.token(GRANT, "wx1", "s")).access_token
    clock.now += LIFETIME + 7199
    assert await refusal(tokens, token) == 42001
    clock.now += 1
    assert await refusal(tokens, token) == 40001


async def test_another_process_feels_a_forced_refresh_within_a_second(
    clock: FakeClock, tmp_path: Path
) -> None:
    stores = [SqliteStore(tmp_path / "state.sqlite", clock=clock) for _ in range(2)]
    moment = FakeClock(0)
    here, there = (service(clock, store, moment=moment) for store in stores)
    old = (await here.stable_token(GRANT, "wx1", "s")).access_token
    assert await here.check(old) == await there.check(old) == "wx1"
    await here.stable_token(GRANT, "wx1", "s", force_refresh=True)
    assert await refusal(here, old) == 40001
    moment.now += 1
    assert await refusal(there, old) == 40001
    for store in stores:
        await store.close()


async def test_a_token_of_another_appid_is_told(clock: FakeClock, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "state.sqlite", clock=clock)
    token = (await service(clock, store).token(GRANT, "wx1", "s")).access_token
    with pytest.raises(WeChatError) as caught:
        await service(clock, store, appid="wx2").check(token)
    assert caught.value.errcode == 40001
    assert "belongs to another appid, wx1; the emulator was started for wx2" in caught.value.reason
    await store.close()


async def forced(tokens: TokenService) -> str:
    return (await tokens.stable_token(GRANT, "wx1", "s", force_refresh=True)).access_token


async def test_nothing_is_refreshed_by_force_twice_within_30_seconds(clock: FakeClock) -> None:
    tokens = service(clock)
    first = await forced(tokens)
    clock.now += FORCED_APART - 1
    again = await tokens.stable_token(GRANT, "wx1", "s", force_refresh=True)
    assert (again.access_token, again.expires_in) == (first, LIFETIME - FORCED_APART + 1)
    clock.now += 1
    assert await forced(tokens) != first
    assert await refusal(tokens, first) == 40001


async def test_a_token_that_ended_is_refreshed_within_30_seconds_too(clock: FakeClock) -> None:
    tokens = service(clock)
    first = await forced(tokens)
    await tokens.expire(first)
    assert await forced(tokens) != first


async def test_20_forced_refreshes_a_day(clock: FakeClock) -> None:
    tokens = service(clock)
    clock.now = day_of(clock.now).end - 10_000
    for _ in range(FORCED):
        last = await forced(tokens)
        clock.now += FORCED_APART
    with pytest.raises(WeChatError) as caught:
        await forced(tokens)
    assert caught.value.errcode == 45009
    assert "20 times today" in caught.value.reason
    assert (await tokens.stable_token(GRANT, "wx1", "s")).access_token == last
    await tokens.stable_token(GRANT, "wx2", "s", force_refresh=True)
    clock.now += LIFETIME  # the token is over, the day is not
    with pytest.raises(WeChatError):
        await forced(tokens)
    clock.now = day_of(clock.now).end
    assert await forced(tokens)


async def test_2000_plain_tokens_a_day(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi_shim.wechat.tokens.DAILY", 2)
    tokens = service(clock)
    for _ in range(2):
        await tokens.token(GRANT, "wx1", "s")
    with pytest.raises(WeChatError) as caught:
        await tokens.token(GRANT, "wx1", "s")
    assert caught.value.errcode == 45009
    assert (await tokens.token(GRANT, "wx2", "s")).access_token
    assert (await tokens.stable_token(GRANT, "wx1", "s")).access_token
    clock.now = day_of(clock.now).end
    assert (await tokens.token(GRANT, "wx1", "s")).access_token


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("undefined", "the word 'undefined': the variable was not set"),
        ("None", "the variable was not set"),
        ("ACCESS_TOKEN", "the placeholder of an example"),
        ("{{access_token}}", "the placeholder of an example"),
        ("[object Object]", "take its access_token"),
        ('{"access_token":"17_x","expires_in":7200}', "the whole JSON answer"),
        ("Bearer " + FOREIGN, "it begins with 'Bearer'"),
        (f'"{FOREIGN}"', "it stands in quotes"),
        (f"{FOREIGN}'", "it stands in quotes"),
        (FOREIGN + "\n", "white space around it"),
        (FOREIGN[:70] + " " + FOREIGN[71:], "+ means a space"),
        ("17%5F" + FOREIGN[3:], "URL-encoded twice"),
        (FOREIGN[:20] + "…", "shortened for people"),
        (FOREIGN[:20] + "***", "shortened for people"),
        (FOREIGN[:-1] + "\u200b", "(U+200B)"),
        (FOREIGN[:-1] + "=", "it has '=' in it"),
        (FOREIGN[:128], "it has 128 characters, and those given out here have 136"),
        ("x", "it has 1 characters"),
        ("x" * 513, "at most 512"),
    ],
)
async def test_what_has_not_the_form_of_a_token(clock: FakeClock, token: str, reason: str) -> None:
    with pytest.raises(WeChatError) as caught:
        await service(clock).check(token)
    assert caught.value.errcode == 40014
    assert reason in caught.value.reason
    assert len(token) < 15 or token[:15] not in caught.value.reason


@pytest.mark.parametrize("length", [136, 137, 512])
async def test_other_servers_tokens_have_the_form(clock: FakeClock, length: int) -> None:
    assert await refusal(service(clock), ("50_Im7-" * 80)[:length]) == 40001

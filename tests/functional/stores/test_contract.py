"""What every store does, on SQLite, a real Redis and moto's DynamoDB."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from openapi_shim.errors import StoreError
from openapi_shim.stores.base import MAX_KEY, MAX_VALUE, Store

from .conftest import Clock, Place


async def test_values(store: Store, clock: Clock, key: str) -> None:
    end = clock.now + 60
    assert await store.get(key) is None
    await store.put(key, "one", expires=end)
    assert await store.get(key) == "one"
    await store.put(key, "two", expires=end)
    assert await store.get(key) == "two"
    assert await store.get(key + "x") is None


@pytest.mark.parametrize(
    "value", ["", "0", "姓名 \N{FACE WITH TEARS OF JOY}", "a\0b\r\n", "x" * MAX_VALUE]
)
async def test_any_text_comes_back(store: Store, clock: Clock, key: str, value: str) -> None:
    end = clock.now + 60
    assert await store.add(key, value, expires=end) is None
    assert await store.get(key) == value
    assert await store.add(key, "other", expires=end) == value
    assert await store.swap(key, value, "other", expires=end)
    assert await store.swap(key, "other", value, expires=end)
    assert await store.get(key) == value


async def test_add_keeps_what_is_there(store: Store, clock: Clock, key: str) -> None:
    assert await store.add(key, "first", expires=clock.now + 10) is None
    assert await store.add(key, "second", expires=clock.now + 99) == "first"
    assert await store.add(key, "first", expires=clock.now + 99) == "first"
    clock.now += 10
    assert await store.add(key, "third", expires=clock.now + 10) is None
    assert await store.get(key) == "third"


async def test_swap(store: Store, clock: Clock, key: str) -> None:
    end = clock.now + 60
    assert not await store.swap(key, "a", "b", expires=end)
    assert not await store.swap(key, "a", None, expires=end)
    await store.put(key, "a", expires=clock.now + 1)
    assert not await store.swap(key, "b", "c", expires=end)
    assert not await store.swap(key, "b", None, expires=end)
    assert await store.swap(key, "a", "b", expires=end)
    clock.now += 1  # the new end is the one that counts
    assert await store.get(key) == "b"
    assert not await store.swap(key, "a", "c", expires=end)
    assert await store.swap(key, "b", None, expires=end)
    assert await store.get(key) is None
    assert await store.add(key, "d", expires=end) is None


async def test_what_has_ended_is_never_answered(store: Store, clock: Clock, key: str) -> None:
    await store.put(key, "value", expires=clock.now + 0.5)
    await store.take(key, limit=9, expires=clock.now + 0.5)
    clock.now += 0.25
    assert await store.get(key) == "value"
    assert await store.count(key) == 1
    clock.now += 0.25
    assert await store.get(key) is None
    assert await store.count(key) == 0
    assert not await store.swap(key, "value", "new", expires=clock.now + 60)
    assert not await store.swap(key, "value", None, expires=clock.now + 60)
    await store.give_back(key)
    assert await store.count(key) == 0


async def test_what_ended_before_it_came(store: Store, clock: Clock, key: str) -> None:
    await store.put(key, "value", expires=clock.now + 60)
    await store.put(key, "late", expires=clock.now - 1)
    assert await store.get(key) is None
    assert await store.add(key, "late", expires=0) is None
    assert await store.get(key) is None


async def test_a_count_to_its_limit(store: Store, clock: Clock, key: str) -> None:
    end = clock.now + 60
    assert await store.count(key) == 0
    assert [await store.take(key, limit=3, expires=end) for _ in range(5)] == [1, 2, 3, 0, 0]
    assert await store.count(key) == 3
    assert await store.take(key, limit=2, expires=end) == 0  # lowered meanwhile
    assert await store.take(key, limit=4, expires=end) == 4  # raised
    assert await store.take(key + "x", limit=0, expires=end) == 0
    assert await store.count(key + "x") == 0


async def test_giving_back(store: Store, clock: Clock, key: str) -> None:
    end = clock.now + 60
    await store.give_back(key)
    assert await store.count(key) == 0
    await store.take(key, limit=1, expires=end)
    await store.give_back(key)
    await store.give_back(key)
    assert await store.count(key) == 0
    assert [await store.take(key, limit=1, expires=end) for _ in range(2)] == [1, 0]


async def test_a_count_ends_as_its_first_taking_says(store: Store, clock: Clock, key: str) -> None:
    assert await store.take(key, limit=2, expires=clock.now + 10) == 1
    clock.now += 9
    assert await store.take(key, limit=2, expires=clock.now + 10) == 2
    clock.now += 1
    assert await store.count(key) == 0
    assert await store.take(key, limit=2, expires=clock.now + 10) == 1
    await store.give_back(key)  # to none, which is not the end
    clock.now += 9
    assert await store.take(key, limit=2, expires=clock.now + 10) == 1
    clock.now += 1
    assert await store.count(key) == 0


async def test_values_and_counts_are_apart(store: Store, clock: Clock, key: str) -> None:
    end = clock.now + 60
    await store.put(key, "value", expires=end)
    assert await store.take(key, limit=5, expires=end) == 1
    assert await store.get(key) == "value"
    assert await store.swap(key, "value", None, expires=end)
    assert await store.count(key) == 1


async def test_many_at_once_in_one_loop(store: Store, clock: Clock, key: str) -> None:
    end = clock.now + 60
    taken = await asyncio.gather(*(store.take(key, limit=10, expires=end) for _ in range(25)))
    assert sorted(taken) == [0] * 15 + list(range(1, 11))
    added = await asyncio.gather(*(store.add(key, str(n), expires=end) for n in range(10)))
    assert added.count(None) == 1
    assert len({value for value in added if value is not None}) == 1


@pytest.mark.parametrize("bad", ["", "k" * (MAX_KEY + 1), "é" * (MAX_KEY // 2 + 1), "\ud800"])
async def test_keys_that_no_store_takes(store: Store, clock: Clock, bad: str) -> None:
    end = clock.now + 60
    for call in (
        store.get(bad),
        store.put(bad, "v", expires=end),
        store.add(bad, "v", expires=end),
        store.swap(bad, "v", None, expires=end),
        store.take(bad, limit=1, expires=end),
        store.give_back(bad),
        store.count(bad),
    ):
        with pytest.raises(StoreError, match="A key of the store"):
            await call


async def test_values_and_ends_that_no_store_takes(store: Store, clock: Clock, key: str) -> None:
    for value, end in (("x" * (MAX_VALUE + 1), 60.0), ("\udfff", 60.0), ("v", float("inf"))):
        for call in (
            store.put(key, value, expires=end),
            store.add(key, value, expires=end),
            store.swap(key, "v", value, expires=end),
        ):
            with pytest.raises(StoreError, match=r"A value|What is kept") as caught:
                await call
            assert value not in str(caught.value) or value == "v"
    with pytest.raises(StoreError, match="needs an end"):
        await store.take(key, limit=1, expires=float("nan"))
    assert await store.get(key) is None


async def test_the_longest_key(store: Store, clock: Clock, key: str) -> None:
    longest = key + "k" * (MAX_KEY - len(key.encode()))
    await store.put(longest, "v", expires=clock.now + 60)
    assert await store.get(longest) == "v"


async def test_it_can_be_used_after_it_was_closed(store: Store, clock: Clock, key: str) -> None:
    await store.put(key, "value", expires=clock.now + 60)
    await store.close()
    await store.close()
    assert await store.get(key) == "value"


def test_one_store_in_loops_one_after_another(place: Place, key: str) -> None:
    store = place.open()

    async def add() -> str | None:
        return await store.add(key, "value", expires=time.time() + 60)

    assert [asyncio.run(add()) for _ in range(3)] == [None, "value", "value"]
    asyncio.run(store.close())


async def test_two_stores_share(place: Place, clock: Clock, key: str) -> None:
    one, other = place.open(clock), place.open(clock)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(one.close)
        stack.push_async_callback(other.close)
        await one.put(key, "value", expires=clock.now + 60)
        assert await other.get(key) == "value"
        assert await one.take(key, limit=2, expires=clock.now + 60) == 1
        assert await other.take(key, limit=2, expires=clock.now + 60) == 2
        assert await one.count(key) == 2


async def test_a_cancelled_call_leaves_the_store_whole(
    store: Store, clock: Clock, key: str
) -> None:
    end = clock.now + 60
    for turn in range(20):
        task = asyncio.create_task(store.put(f"{key}{turn}", "v", expires=end))
        for _ in range(turn % 4):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert await store.add(key, "v", expires=end) is None
    assert await store.get(key) == "v"

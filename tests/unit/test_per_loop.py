"""One thing a loop, closed with it."""

from __future__ import annotations

import asyncio

from openapi_shim.per_loop import PerLoop


class Thing:
    """Knows the loop in which it was made, and whether it was closed there."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed = False

    async def close(self) -> None:
        assert asyncio.get_running_loop() is self.loop
        self.closed = True


async def twice(things: PerLoop[Thing]) -> Thing:
    one = await things.get()
    assert await things.get() is one
    assert not one.closed
    return one


def test_each_loop_has_its_own_and_ends_it() -> None:
    things = PerLoop(Thing, Thing.close)
    first, second = asyncio.run(twice(things)), asyncio.run(twice(things))
    assert first is not second
    assert first.closed
    assert second.closed
    assert not things._things


async def test_after_close_there_is_a_new_one() -> None:
    things = PerLoop(Thing, Thing.close)
    await things.close()  # none yet
    one = await things.get()
    await things.close()
    await things.close()
    assert one.closed
    other = await things.get()
    assert other is not one
    await things.close()


async def test_many_at_once_get_the_same() -> None:
    things = PerLoop(Thing, Thing.close)
    got = await asyncio.gather(*(things.get() for _ in range(10)))
    assert len(set(map(id, got))) == 1
    await things.close()

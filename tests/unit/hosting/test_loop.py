"""One loop for the process."""

from __future__ import annotations

import asyncio

import pytest

from openapi_shim.hosting.loop import run
from openapi_shim.http_session import shared_session


def test_calls_share_a_loop_and_what_lives_in_it() -> None:
    async def session_and_loop() -> tuple[object, object]:
        return await shared_session(), asyncio.get_running_loop()

    assert run(session_and_loop()) == run(session_and_loop())


def test_a_synchronous_function_may_run_a_loop_of_its_own_between() -> None:
    async def running() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    first = run(running())
    assert asyncio.run(running()) is not first
    assert run(running()) is first


def test_an_error_leaves_the_loop_usable() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    async def whole() -> int:
        return 1

    with pytest.raises(ValueError, match="broken"):
        run(broken())
    assert run(whole()) == 1


def test_anything_that_can_be_awaited() -> None:
    class Later:
        def __await__(self):  # type: ignore[no-untyped-def]
            return asyncio.sleep(0, 5).__await__()

    assert run(Later()) == 5

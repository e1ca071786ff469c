from __future__ import annotations

import pytest

from openapi_shim.errors import WeChatError
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.tcb import Invocation, InvokeService
from openapi_shim.wechat.tokens import TokenService

from .fakes import FakeClock


class FakeRunner:
    def __init__(self) -> None:
        self.seen: list[Invocation] = []

    async def invoke(self, invocation: Invocation) -> str:
        self.seen.append(invocation)
        return '{"a":1}'


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def service(runner: FakeRunner) -> InvokeService:
    tokens = TokenService(SqliteStore(MEMORY), clock=FakeClock(), new_token=lambda: "T")
    return InvokeService(tokens=tokens, functions=runner)


async def test_name_in_the_query_and_the_event_as_body(
    service: InvokeService, runner: FakeRunner
) -> None:
    answer = await service.answer("wx1", {"name": "f", "env": "e"}, '{"名": 1}'.encode())
    assert answer == {"resp_data": '{"a":1}'}
    assert runner.seen == [Invocation("f", '{"名": 1}', "e", "wx1", "wx_http")]


async def test_name_in_the_body_and_the_event_as_text(
    service: InvokeService, runner: FakeRunner
) -> None:
    await service.answer("wx1", {}, b'{"env":"e","name":"f","req_data":"{\\"a\\":2}"}')
    await service.answer("wx1", {}, b'{"name":"f"}')
    assert runner.seen == [Invocation("f", '{"a":2}', "e", "wx1"), Invocation("f", "{}", "", "wx1")]


async def test_another_environment_than_the_emulators(runner: FakeRunner) -> None:
    tokens = TokenService(SqliteStore(MEMORY), clock=FakeClock(), new_token=lambda: "T")
    service = InvokeService(tokens=tokens, functions=runner, env="prod-1")
    for env in ("", "prod-1"):
        await service.answer("wx1", {"name": "f", "env": env}, b"")
    with pytest.raises(WeChatError) as caught:
        await service.answer("wx1", {"name": "f", "env": "other"}, b"")
    assert (caught.value.errcode, len(runner.seen)) == (40097, 2)
    assert "'other' is not the emulator's, which is 'prod-1'" in caught.value.reason


@pytest.mark.parametrize("body", [b"", b"  \n", b"\xef\xbb\xbf{}"])
async def test_an_empty_body_is_an_empty_event(
    service: InvokeService, runner: FakeRunner, body: bytes
) -> None:
    await service.answer("wx1", {"name": "f"}, body)
    assert runner.seen[0].event == "{}"


@pytest.mark.parametrize(
    ("query", "body", "errcode", "reason"),
    [
        ({"name": "f"}, b'{"a":\n x}', 47001, "line 2, column 2"),
        ({"name": "f"}, b"[1]", 47001, "not an object"),
        ({"name": "f"}, b'{"a": NaN}', 47001, "NaN is no JSON value"),
        ({}, b'{"name":"f","req_data":"[-Infinity]"}', 47001, "-Infinity is no JSON value"),
        ({"name": "f"}, b"\xff", 47001, "not UTF-8"),
        ({"name": "f"}, b"[" * 100_000, 47001, "nested too deep"),
        ({"name": "f"}, b'{"n":' + b"1" * 5000 + b"}", 47001, "a number too long"),
        ({}, b"", 40097, "name"),
        ({"name": ""}, b"{}", 40097, "name in the query is empty"),
        ({}, b'{"name": 5}', 40097, "name"),
        ({}, b'{"name": "f", "req_data": {"a": 1}}', 47001, "req_data is not a string"),
        ({"name": "f", "env": "a\0b"}, b"{}", 40097, "is no name of an environment"),
        ({}, b'{"name": "f", "env": "\\ud800"}', 40097, "is no name of an environment"),
        ({}, b'{"name": "f", "env": 1}', 47001, "env is not a string"),
        ({}, b'{"name": "f", "req_data": "{"}', 47001, "req_data is not JSON"),
        ({}, b'{"name": "f", "req_data": "\\ud800"}', 47001, "req_data is not UTF-8"),
    ],
)
async def test_what_cannot_be_used(
    service: InvokeService,
    runner: FakeRunner,
    query: dict[str, str],
    body: bytes,
    errcode: int,
    reason: str,
) -> None:
    with pytest.raises(WeChatError) as caught:
        await service.answer("wx1", query, body)
    assert caught.value.errcode == errcode
    assert reason in caught.value.reason
    assert not runner.seen

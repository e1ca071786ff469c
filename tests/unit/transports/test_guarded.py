"""Charged calls under guard, over a transport that counts, with a clock to turn."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

import pytest

from openapi_shim.errors import (
    CloudError,
    ConfigError,
    CredentialError,
    ShimError,
    TransportError,
)
from openapi_shim.sdk.answers import answer_of
from openapi_shim.single_flight import LEASE
from openapi_shim.transports import guarded
from openapi_shim.transports.base import OpenApiCall, ParameterError, RefusedError, Reply
from openapi_shim.transports.guarded import DailyCalls, OncePerPhoto
from tests.unit.stores_made import FickleStore, Waiting, until
from tests.unit.wechat.fakes import FakeClock

OCR = "ocr.driverLicense"
OK = {"errcode": 0, "errmsg": "ok", "id_num": "1", "name": "张三"}
PHOTO = {"contentType": "image/jpeg", "value": b"photo"}
MIDNIGHT_IN_BEIJING = 1_790_006_400.0


class Inner:
    """Answers what is lined up, then a licence."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.calls: list[OpenApiCall] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def openapi(self, call: OpenApiCall) -> Reply:
        self.calls.append(call)
        await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else reply(answer)

    async def action(self, call: Any) -> Any:
        return call

    upload = platform = action


def reply(document: Any) -> Reply:
    return Reply("application/json; encoding=utf-8", json.dumps(document).encode())


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FickleStore(self.clock)
        self.inner = Inner()
        self.waiting = Waiting(self.clock)
        self.caller = "someone"

    def once(self, seconds: float = 60.0, inner: Any = None, account: str = "wx1") -> OncePerPhoto:
        return OncePerPhoto(
            inner or self.inner,
            self.store,
            seconds,
            timeout=100.0,
            account=account,
            caller=lambda: self.caller,
            clock=self.clock,
            sleep=self.waiting,
        )

    def daily(self, limit: int = 3, account: str = "wx1") -> DailyCalls:
        return DailyCalls(self.inner, self.store, limit, account=account, clock=self.clock)


@pytest.fixture
async def world() -> World:
    return World()


def call(**params: Any) -> OpenApiCall:
    return OpenApiCall(OCR, params or {"img": PHOTO})


async def test_the_same_photo_is_charged_once(world: World) -> None:
    first = await world.once().openapi(call())
    again = await world.once().openapi(call())
    assert again == first
    assert len(world.inner.calls) == 1
    world.clock.now += 60
    await world.once().openapi(call())
    assert len(world.inner.calls) == 2


@pytest.mark.parametrize(
    "img",
    [
        {"contentType": "image/png", "value": b"photo"},
        {"content_type": "image/jpeg", "value": bytearray(b"photo"), "fileName": "b.jpg"},
        {"contentType": "image/jpeg", "value": "cGhvdG8="},
        {"contentType": "image/jpeg", "value": {"type": "Buffer", "data": list(b"photo")}},
    ],
)
async def test_a_photo_is_its_bytes_in_whatever_form(world: World, img: Any) -> None:
    await world.once().openapi(call())
    await world.once().openapi(call(img=img))
    assert len(world.inner.calls) == 1


async def test_an_open_file_is_read_once_and_sent_whole(world: World) -> None:
    for _ in range(2):
        file = io.BytesIO(b"photo")
        await world.once().openapi(call(img={"contentType": "image/jpeg", "value": file}))
    (sent,) = world.inner.calls
    assert sent.params["img"] == {"contentType": "image/jpeg", "value": b"photo"}


@pytest.mark.parametrize(
    "other",
    [
        call(img={"contentType": "image/jpeg", "value": b"another"}),
        call(img=PHOTO, type="scan"),
        call(imgUrl="http://h/1.jpg"),
        OpenApiCall(OCR, {"img": PHOTO}, appid="wx2"),
    ],
)
async def test_other_calls_are_other_calls(world: World, other: OpenApiCall) -> None:
    await world.once().openapi(call())
    await world.once().openapi(other)
    assert len(world.inner.calls) == 2


async def test_another_caller_or_account_is_charged(world: World) -> None:
    await world.once().openapi(call())
    await world.once(account="wx2").openapi(call())
    world.caller = "someone else"
    await world.once().openapi(call())
    assert len(world.inner.calls) == 3


async def test_both_spellings_of_the_keys_are_one_call(world: World) -> None:
    await world.once().openapi(call(imgUrl="http://h/1.jpg"))
    snake = OpenApiCall(OCR, {"img_url": "http://h/1.jpg"}, convert_case=False)
    await world.once().openapi(snake)
    assert len(world.inner.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kept", "kept_by_url"),
    [
        (OK, True, True),
        ({"errcode": 101001, "errmsg": "certificate not found"}, True, True),
        ({"errcode": 101002, "errmsg": "decode image failed"}, True, False),
        ({"errcode": 101000, "errmsg": "invalid image url"}, False, False),
        ({"errcode": -1, "errmsg": "system error"}, False, False),
        ({"errcode": 45009, "errmsg": "x"}, False, False),
        ({"errcode": 101003, "errmsg": "x"}, False, False),
        ({"errcode": 40001, "errmsg": "x"}, False, False),
        ({"errcode": 41005, "errmsg": "x"}, False, False),
        ({"message": "Forbidden"}, False, False),
        (["a list"], False, False),
        (Reply("text/html", b"<html>"), False, False),
        ({**OK, "address": "x" * 70_000}, False, False),
    ],
)
async def test_only_verdicts_on_the_photo_are_kept(
    world: World, answer: Any, kept: bool, kept_by_url: bool
) -> None:
    for params, expected in (({"img": PHOTO}, kept), ({"imgUrl": "http://h"}, kept_by_url)):
        world.inner.calls.clear()
        world.inner.answers = [answer]
        first = await world.once().openapi(call(**params))
        again = await world.once().openapi(call(**params))
        assert (len(world.inner.calls) == 1) == expected
        assert (again == first) == expected


async def test_two_at_once_are_one_call(world: World) -> None:
    world.inner.gate.clear()
    tasks = [asyncio.create_task(world.once().openapi(call())) for _ in range(5)]
    await until(lambda: bool(world.inner.calls))
    world.inner.gate.set()
    answers = await asyncio.gather(*tasks)
    assert len(world.inner.calls) == 1
    assert len(set(answers)) == 1


async def test_whoever_waits_tries_for_itself_when_the_other_failed(world: World) -> None:
    world.inner.answers = [TransportError("socket hang up")]
    results = await asyncio.gather(
        *(world.once().openapi(call()) for _ in range(3)), return_exceptions=True
    )
    assert [isinstance(result, TransportError) for result in results].count(True) == 1
    assert len(world.inner.calls) == 2


async def test_a_process_that_died_is_taken_over_from(world: World) -> None:
    world.inner.gate.clear()
    first = asyncio.create_task(world.once().openapi(call()))
    await until(lambda: bool(world.inner.calls))
    # As after SIGKILL: the lease stays, and nobody renews it.
    world.store.broken = {"swap"}
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    world.inner.gate.set()
    world.store.broken = set()
    begin = world.clock.now
    assert (await world.once().openapi(call())).errcode == 0
    assert world.clock.now - begin >= LEASE - 1


@pytest.mark.parametrize(
    "params",
    [{"type": "photo"}, {"img": b"bytes"}, {"img": {**PHOTO, "value": "no base64!"}}, {"x": {1}}],
)
async def test_what_has_no_photo_goes_through(world: World, params: dict[str, Any]) -> None:
    for _ in range(2):
        await world.once().openapi(call(**params))
    assert [sent.params for sent in world.inner.calls] == [params] * 2
    assert world.store.asked == []


async def test_a_file_that_cannot_be_read_is_told_at_once(world: World) -> None:
    text = io.StringIO("text")
    with pytest.raises(ParameterError, match="text mode"):
        await world.once().openapi(call(img={"contentType": "image/jpeg", "value": text}))
    assert world.inner.calls == []


async def test_uncharged_and_unknown_operations_go_through(world: World) -> None:
    for guard in (world.once(), world.daily(1)):
        for _ in range(2):
            await guard.openapi(OpenApiCall("wxacode.get", {"img": PHOTO}))
        for way in (guard.action, guard.upload, guard.platform):
            assert await way("x") == "x"  # type: ignore[arg-type]
    assert world.store.asked == []


async def test_without_the_store_calls_are_made(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.store.away = True
    guard = world.once(inner=world.daily(1))
    for _ in range(3):
        assert (await guard.openapi(call())).errcode == 0
    told = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert len(told) == 2, "each guard says so once"
    assert len(world.inner.calls) == 3


async def refused(guard: DailyCalls) -> CloudError:
    before = len(guard._inner.calls)  # type: ignore[attr-defined]
    with pytest.raises(CloudError) as caught:
        answer_of(OCR, await guard.openapi(call()), convert_case=True)
    assert len(guard._inner.calls) == before, "nothing was sent"  # type: ignore[attr-defined]
    return caught.value


async def test_a_charged_answer_is_not_lost_to_a_store_that_hangs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time runs out while the answer is being kept; before there is one, time is up."""
    hangs_at = ""

    async def within(_: float, work: Any, words: str) -> Any:
        flight = asyncio.ensure_future(work)
        await until(lambda: hangs_at in world.store.asked)
        flight.cancel()
        await asyncio.gather(flight, return_exceptions=True)
        raise TransportError(words, timeout=True)

    monkeypatch.setattr(guarded, "within", within)
    hangs_at, world.store.hanging = "put", {"put"}
    assert (await world.once().openapi(call())).errcode == 0
    hangs_at, world.store.hanging = "get", {"get"}
    with pytest.raises(TransportError, match="no answer within 100 s"):
        await world.once().openapi(call())
    assert len(world.inner.calls) == 1


async def test_a_day_has_its_number_of_calls(world: World) -> None:
    world.clock.now = MIDNIGHT_IN_BEIJING - 10
    one, two = world.daily(), world.daily()
    for guard in (one, two, one):
        await guard.openapi(call())
    error = await refused(two)
    assert error.errCode == 101003
    assert error.errMsg == (
        "openapi.ocr.driverLicense:fail not enough market quota (not sent: the 3 calls of "
        "OPENAPI_SHIM_CALLS_PER_DAY are used up for today)"
    )
    await world.daily(account="wx2").openapi(call())
    world.clock.now = MIDNIGHT_IN_BEIJING
    assert (await two.openapi(call())).errcode == 0


async def test_calls_at_once_never_pass_the_limit(world: World) -> None:
    replies = await asyncio.gather(*(world.daily(5).openapi(call()) for _ in range(20)))
    assert sorted(answer.errcode for answer in replies) == [0] * 5 + [101003] * 15
    assert len(world.inner.calls) == 5


@pytest.mark.parametrize(
    ("answer", "charged"),
    [
        (OK, True),
        ({"errcode": 101001, "errmsg": ""}, True),
        ({"errcode": 101002, "errmsg": ""}, False),
        ({"errcode": 41005, "errmsg": ""}, False),
        ({"errcode": -1, "errmsg": ""}, False),
        ({"errcode": 40001, "errmsg": ""}, False),
        (TransportError("connect ECONNREFUSED", sent=False), False),
        (TransportError("socket hang up"), True),
        (TransportError("no answer within 15 s", timeout=True), True),
        (CredentialError("none"), False),
        (ParameterError("no"), False),
        (ConfigError("no"), False),
        (CloudError(-604101, "no permission"), False),
        (CloudError(-604102, "timeout"), True),
        (RefusedError("INVALID_PARAM", "no"), False),
        (RefusedError("SERVER_TIMEOUT", "late"), True),
        (RefusedError(-501001, "system"), True),
    ],
)
async def test_what_was_not_charged_is_given_back(world: World, answer: Any, charged: bool) -> None:
    world.inner.answers = [answer]
    guard = world.daily(1)
    if isinstance(answer, ShimError):
        with pytest.raises(type(answer)):
            await guard.openapi(call())
    else:
        await guard.openapi(call())
    again = await guard.openapi(call())
    assert again.errcode == (101003 if charged else 0)


@pytest.mark.parametrize("errcode", [101003, 45009])
async def test_after_wechats_own_refusal_the_rest_of_the_day_is_not_sent(
    world: World, errcode: int
) -> None:
    world.inner.answers = [{"errcode": errcode, "errmsg": "x"}]
    assert (await world.daily().openapi(call())).errcode == errcode
    error = await refused(world.daily())
    assert error.errCode == errcode
    assert "WeChat answered so today, and is not asked again" in error.errMsg
    assert (await world.daily(100).openapi(call())).errcode == 0, "more was bought"
    await refused(world.daily())
    world.clock.now += 86400
    assert (await world.daily().openapi(call())).errcode == 0


async def test_too_fast_is_refused_for_the_minute(world: World) -> None:
    world.inner.answers = [{"errcode": 45011, "errmsg": "x"}]
    guard = world.daily()
    assert (await guard.openapi(call())).errcode == 45011
    assert (await refused(guard)).errCode == 45011
    world.clock.now += 60
    assert (await guard.openapi(call())).errcode == 0


async def test_a_kept_answer_is_not_counted(world: World) -> None:
    guard = world.once(inner=world.daily(1))
    for _ in range(5):
        assert (await guard.openapi(call())).errcode == 0

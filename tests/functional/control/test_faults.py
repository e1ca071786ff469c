"""Faults as clients meet them: codes, broken connections, answers that are none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from openapi_shim.emulator.app import create_app
from openapi_shim.emulator.control.door import add_control
from openapi_shim.emulator.control.faults import fault_routes
from openapi_shim.emulator.faults.engine import Faults
from openapi_shim.emulator.faults.rules import rules_in
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.settings import Settings
from tests.unit.wechat.fakes import FakeRecognizer

from .conftest import Process

OCR = "/cv/ocr/drivinglicense"
ACCOUNT = "grant_type=client_credential&appid=wx1&secret=s"


class Emulator:
    """An emulator with faults, and a client of it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.faults = Faults()
        self.recognizer = FakeRecognizer()
        self.waited: list[float] = []

    def rule(self, **rule: Any) -> None:
        self.faults.put(rules_in([{"name": "test", **rule}], where="test"))

    async def token(self) -> Any:
        async with self.session.get(f"{self.url}/cgi-bin/token?{ACCOUNT}") as response:
            return await response.json()

    async def recognize(self, token: str) -> Any:
        form = aiohttp.FormData()
        form.add_field("img", b"a photo", filename="a.jpg", content_type="image/jpeg")
        query = {"access_token": token}
        async with self.session.post(self.url + OCR, params=query, data=form) as response:
            return await response.json(content_type=None)

    async def invoke(self, token: str) -> Any:
        url = f"{self.url}/tcb/invokecloudfunction?access_token={token}&name=echo&env=e"
        async with self.session.post(url, data="{}") as response:
            return await response.json()


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    folder = tmp_path / "functions" / "echo"
    folder.mkdir(parents=True)
    (folder / "index.py").write_text("def main(event, context):\n    return 7\n")
    settings = Settings(
        functions_dir=folder.parent, state_dir=tmp_path / "state", store="sqlite::memory:"
    )
    async with aiohttp.ClientSession() as session:
        running = Emulator("", session)

        async def sleep(seconds: float) -> None:
            running.waited.append(seconds)

        running.faults = Faults(sleep=sleep)
        app = create_app(settings, recognizer=running.recognizer, faults=running.faults)
        add_control(app, fault_routes(running.faults))
        server = EmulatorServer(app)
        running.url = await server.start()
        try:
            yield running
        finally:
            await server.stop()


async def test_a_code_in_place_of_the_call(emulator: Emulator) -> None:
    token = (await emulator.token())["access_token"]
    assert (await emulator.recognize(token))["errcode"] == 0
    read = len(emulator.recognizer.seen)
    emulator.rule(match={"operation": "ocr.driverLicense"}, errcode=101000)
    answer = await emulator.recognize(token)
    assert (answer["errcode"], answer["errmsg"].split(" hint")[0]) == (101000, "invalid image url")
    assert len(emulator.recognizer.seen) == read  # it was not carried out, so not charged


async def test_a_token_that_is_lost(emulator: Emulator) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"operation": "ocr.*"}, expire_token=True, times=1)
    assert [(await emulator.recognize(token))["errcode"] for _ in range(2)] == [42001, 42001]
    fresh = (await emulator.token())["access_token"]
    assert (await emulator.recognize(fresh))["errcode"] == 0


async def test_a_function_that_fails(emulator: Emulator) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"function": "echo"}, errcode=-504003, times=1)
    assert (await emulator.invoke(token))["errcode"] == -504003
    assert (await emulator.invoke(token))["resp_data"] == "7"


async def test_the_endpoint_of_tokens(emulator: Emulator) -> None:
    emulator.rule(match={"operation": "token", "appid": "wx1"}, errcode=-1, times=1)
    assert (await emulator.token())["errcode"] == -1
    assert "access_token" in await emulator.token()


@pytest.mark.parametrize(("effect", "carried_out"), [("reset", 0), ("reset_after", 1)])
async def test_a_connection_that_breaks(emulator: Emulator, effect: str, carried_out: int) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"operation": "ocr.*"}, effect=effect)
    with pytest.raises(aiohttp.ClientConnectionError):
        await emulator.recognize(token)
    assert len(emulator.recognizer.seen) == carried_out


async def test_half_an_answer(emulator: Emulator) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"operation": "ocr.*"}, effect="truncated")
    with pytest.raises(aiohttp.ClientPayloadError):
        await emulator.recognize(token)
    assert len(emulator.recognizer.seen) == 1


@pytest.mark.parametrize(
    ("effect", "status", "kind", "carried_out"),
    [
        ("bad_gateway", 502, "text/html", 0),
        ("not_json", 200, "text/html", 0),
        ("content_type", 200, "text/html", 1),
    ],
)
async def test_answers_that_are_none(
    emulator: Emulator, effect: str, status: int, kind: str, carried_out: int
) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"operation": "ocr.*"}, effect=effect)
    form = aiohttp.FormData()
    form.add_field("img", b"a photo", filename="a.jpg")
    query = {"access_token": token}
    async with emulator.session.post(emulator.url + OCR, params=query, data=form) as response:
        text = await response.text()
        assert (response.status, response.content_type) == (status, kind)
    assert (json.loads(text)["errcode"] == 0) if carried_out else ("<html>" in text)
    assert len(emulator.recognizer.seen) == carried_out


async def test_no_answer_at_all(emulator: Emulator) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"operation": "ocr.*"}, effect="hang")
    with pytest.raises(aiohttp.ClientConnectionError):  # once the emulator itself gives up
        await asyncio.wait_for(emulator.recognize(token), 60)
    assert emulator.waited == [600.0]


async def test_latency(emulator: Emulator) -> None:
    token = (await emulator.token())["access_token"]
    emulator.rule(match={"operation": "ocr.*"}, latency={"median_ms": 1500})
    assert (await emulator.recognize(token))["errcode"] == 0
    assert emulator.waited == [1.5]


async def test_rules_by_http(emulator: Emulator) -> None:
    url = f"{emulator.url}/_openapi_shim/faults"
    rules = {"rules": ["busy", {"name": "mine", "every": 2, "errcode": 45009}]}
    async with emulator.session.post(url, json=rules) as response:
        assert [rule["name"] for rule in (await response.json())["rules"]] == ["busy", "mine"]
    async with emulator.session.delete(f"{url}/busy") as response:
        assert (await response.json())["rules"] == [
            {"name": "mine", "every": 2, "errcode": 45009, "fitting": 0, "met": 0}
        ]
    async with emulator.session.delete(f"{url}/busy") as response:
        assert (response.status, await response.json()) == (
            400, {"error": "no rule is called 'busy'; there are: mine"},
        )  # fmt: skip
    async with emulator.session.post(url, json={"rules": [{"name": "x"}]}) as response:
        assert response.status == 400
    async with emulator.session.delete(url) as response:
        assert (await response.json())["rules"] == []


def test_rules_by_command(process: Process, tmp_path: Path) -> None:
    assert "no rules are in force; presets: flaky-download" in process.command("faults", "list").out
    file = tmp_path / "rules.json"
    file.write_text('[{"name": "mine", "match": {"operation": "token"}, "errcode": -1}]')
    added = process.command("faults", "add", "out-of-quota", str(file))
    assert added.code == 0, added.err
    assert 'mine: 0 of 0 calls  {"match": {"operation": "token"}, "errcode": -1}' in added.out
    assert process.token()["errcode"] == -1
    assert "mine: 1 of 1 calls" in process.command("faults", "list").out
    assert process.command("faults", "clear", "mine").code == 0
    assert "access_token" in process.token()
    wrong = process.command("faults", "add", "calm")
    assert (wrong.code, "'calm' is no preset" in wrong.err) == (1, True)
    process.command("faults", "clear")

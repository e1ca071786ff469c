"""Recorded from the real WeChat, replayed, compared."""

from __future__ import annotations

import asyncio
import json
import re
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from typer.testing import CliRunner

from openapi_shim.cli.app import app as command
from openapi_shim.emulator.upstream.exchange import read_recording
from openapi_shim.errors import ConfigError

from .conftest import APPID, LICENSE, OK, SECRET, Front, RealWeChat, Stand
from .test_pass import GRANT, OCR, OWN, gateway

URL = "https%3A%2F%2Fhost.example%2Fphoto-of-somebody.jpg"
NOT_FOUND = {
    "errcode": 101001,
    "errmsg": "certificate not found hint: [NOuWNA08444741] rid: 5f9bacd4-723830a2-0d2a598e",
}


def photo(content: bytes, name: str = "张三.jpg") -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("img", content, filename=name, content_type="image/jpeg")
    return form


async def recorded(front: Front, wechat: RealWeChat) -> str:
    """A day's calls; the token they were made with."""
    account = {**GRANT, "appid": APPID, "secret": SECRET}
    token = (await front.json("POST", "/cgi-bin/stable_token", json=account))["access_token"]
    wechat.answers += [OK, NOT_FOUND, OK]
    for _ in range(2):
        await front.json("POST", f"{OCR}?access_token={token}&img_url={URL}&type=photo")
    await front.json("POST", f"{OCR}?access_token={token}", data=photo(b"\xff\xd8\xff photo"))
    return str(token)


async def test_a_recording_has_the_form_and_nothing_else(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    front = await stand("record")
    token = await recorded(front, wechat)
    path = tmp_path / "recording.jsonl"
    text = path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = {LICENSE["sex"], LICENSE["nationality"], LICENSE["valid_to"]}
    for value in (*(set(LICENSE.values()) - kept), token, APPID, SECRET, "host.example", "张三"):
        assert value not in text
    _, by_url, _, by_image = read_recording(path)
    assert by_url.question.operation == "ocr.driverLicense"
    assert dict(by_url.question.query)["type"] == "photo"
    assert dict(by_url.question.query)["img_url"].startswith("https://")
    assert list(by_url.answer.document) == list(OK)
    assert [len(value) for value in list(by_url.answer.document.values())[2:]] == [
        len(value) for value in LICENSE.values()
    ]
    assert by_url.answer.document["birth_date"] == "0000-00-00"
    (part,) = by_image.question.body.parts
    assert (part.name, part.type) == ("img", "image/jpeg")
    assert re.fullmatch(r"[%X0]+\.jpg", part.filename or "")  # aiohttp percent-encodes names
    assert (part.bytes, len(part.sha256)) == (len(b"\xff\xd8\xff photo"), 64)


async def test_a_replay_answers_in_order_and_without_the_network(
    stand: Stand, wechat: RealWeChat
) -> None:
    await recorded(await stand("record"), wechat)
    seen = len(wechat.arrived)
    front = await stand("replay", upstream_url="http://127.0.0.1:1", appid="", secret="")
    account = {**GRANT, "appid": "wx_any", "secret": "any"}
    token = (await front.json("POST", "/cgi-bin/stable_token", json=account))["access_token"]
    path = f"{OCR}?type=photo&img_url={URL}&access_token={token}"
    answers = [await front.json("POST", path) for _ in range(3)]
    assert [answer["errcode"] for answer in answers] == [0, 101001, 101001]
    assert answers[0]["valid_to"] == "长期"
    assert answers[0]["id_num"] == "0" * 18
    assert list(answers[0]) == list(OK)
    again = await front.json("POST", OCR, data=photo(b"\xff\xd8\xff photo", "other.jpg"))
    assert again["errcode"] == 0
    status, errcode, reason = await front.refused("POST", OCR, data=photo(b"\xff\xd8\xff other"))
    assert (status, errcode) == (501, 40066)
    assert "The nearest is exchange 4, where the form is file img" in reason
    status, _, reason = await front.refused("POST", "/wxa/getwxacode", json={"path": "a"})
    assert status == 501
    assert len(wechat.arrived) == seen


async def test_the_gateway_records_and_replays_as_well(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    (tmp_path / "functions").mkdir()
    permissions = {"permissions": {"openapi": ["ocr.bankcard"]}}
    (tmp_path / "config.json").write_text(json.dumps(permissions))
    wechat.answers.append({"errcode": 0, "errmsg": "ok", "number": "6222020000000000"})
    await gateway(await stand("record"), "ocr.bankcard", ("img", b"\xff\xd8\xff"))
    front = await stand("replay", appid="", secret="")
    answer = await gateway(front, "ocr.bankcard", ("img", b"\xff\xd8\xff"))
    assert json.loads(answer.respData)["number"] == "0" * 16
    own = await front.json("POST", "/cgi-bin/stable_token", json={**GRANT, **OWN})
    path = f"/cv/ocr/bankcard?access_token={own['access_token']}"
    over_https = await front.json("POST", path, data=photo(b"\xff\xd8\xff"))
    assert over_https["number"] == "0" * 16
    refused = await gateway(front, "ocr.bankcard", ("img", b"other"))
    assert refused.errorCode == -604103


async def test_readable_answers_are_an_explicit_wish(
    stand: Stand, wechat: RealWeChat, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    front = await stand("record", recording_raw=True)
    assert "LICENCE DATA IS WRITTEN" in caplog.text
    token = await recorded(front, wechat)
    text = (tmp_path / "recording.jsonl").read_text("utf-8")
    for value in (token, APPID, SECRET, "host.example", "张三"):
        assert value not in text
    assert LICENSE["address"] in text
    replay = await stand("replay")
    answer = await replay.json("POST", f"{OCR}?type=photo&img_url={URL}")
    assert answer == OK


async def test_many_at_once_are_whole_lines(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    (tmp_path / "recording.jsonl").write_text('{"cut off')
    front = await stand("record")
    second = await stand("record")  # another writer of the same file
    await asyncio.gather(
        *(one.ask("POST", f"{OCR}?img_url={n}") for n in range(20) for one in (front, second))
    )
    path = tmp_path / "recording.jsonl"
    with pytest.raises(ConfigError, match="line 1: not JSON"):
        read_recording(path)
    path.write_text(path.read_text("utf-8").partition("\n")[2], "utf-8")
    assert len(read_recording(path)) == 40


async def test_a_charged_answer_is_recorded_though_its_client_is_gone(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    front = await stand("record")
    wechat.held = asyncio.Event()
    call = asyncio.create_task(front.ask("POST", f"{OCR}?img_url=a"))
    while not wechat.arrived:  # noqa: ASYNC110 - it is no event of this loop
        await asyncio.sleep(0.01)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    wechat.held.set()
    path = tmp_path / "recording.jsonl"
    while not read_recording(path):  # noqa: ASYNC110 - it is no event of this loop
        await asyncio.sleep(0.01)


async def test_what_broke_off_is_not_in_the_recording(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    front = await stand("record")
    wechat.answers += ["truncated", "hang up"]
    for _ in range(2):
        assert (await front.refused("POST", f"{OCR}?img_url=a"))[:2] == (502, -1)
    assert read_recording(tmp_path / "recording.jsonl") == []


def run(*arguments: object) -> Any:
    return CliRunner().invoke(command, ["recordings", *map(str, arguments)])


async def test_answers_of_the_same_shape_are_told_so(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    await recorded(await stand("record"), wechat)
    path = tmp_path / "recording.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(lines[1:]) + "\n", "utf-8")  # the stand-in's token has another type
    done = run("compare", path)
    assert (done.exit_code, done.output) == (0, "3 of 3 exchanges compared, 0 with differences\n")
    listed = run("list", path)
    second = listed.output.splitlines()[1]
    assert re.search(rf"^2 .* POST {OCR}  img_url [0-9a-f]{{12}}  errcode=101001", second)
    assert json.loads(run("list", path, "--json").output)["exchanges"][2]["with"].startswith("img ")


async def test_differences_are_found(stand: Stand, wechat: RealWeChat, tmp_path: Path) -> None:
    front = await stand("record")
    fields = dict(LICENSE)
    seal, name = fields.pop("official_seal"), fields.pop("name")
    wechat.answers += [
        {"errcode": "0", "errmsg": "ok", **fields, "sex": 1, "name": name, "new": seal},
        {"errcode": 101001, "errmsg": "no certificate"},
        {"errcode": 101001, "errmsg": "certificate not found rid: 1"},
        {"errcode": 101099, "errmsg": "strange"},
        web.Response(status=502, text="<html>", content_type="text/html"),
    ]
    for number in range(5):
        await front.ask("POST", f"{OCR}?img_url={number}")
    await front.ask("POST", "/wxa/other")
    done = run("compare", tmp_path / "recording.jsonl", "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    found = [" | ".join(one["differences"]) for one in told["exchanges"]]
    assert told["different"] == 5
    for text in (
        "lacks official_seal",
        "has new as well",
        "errcode is a text; the emulator answers a number",
        "sex is a number; the emulator answers a text",
        "the order is errcode, errmsg, id_num, sex",
    ):
        assert text in found[0]
    assert "errmsg 'no certificate'" in found[1]
    assert "errmsg ends ' rid: 0'" in found[2]
    assert "errcode 101099 is not in the catalog" in found[3]
    assert "HTTP status 502" in found[4]
    assert "no JSON object" in found[4]
    assert (found[5], told["exchanges"][5]["compared"]) == ("", False)
    plain = run("compare", tmp_path / "recording.jsonl")
    assert "5 of 6 exchanges compared, 5 with differences" in plain.output

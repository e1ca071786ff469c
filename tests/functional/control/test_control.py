"""The emulator's own door: the clock, the reasons, and who is let in."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from .conftest import Process

MIDNIGHT = "2026-12-31T23:59:59"


@pytest.fixture(autouse=True)
def own_time(process: Process) -> Iterator[None]:
    """Each test begins and ends with the machine's time."""
    yield
    process.command("clock", "reset")


def test_a_token_expires_by_the_clock(process: Process) -> None:
    assert process.command("clock", "freeze").code == 0
    token = process.token()["access_token"]
    assert process.recognize(token)["errcode"] == 41005
    shown = process.command("clock", "advance", "7199s")
    assert ", held" in shown.out
    assert process.recognize(token)["errcode"] == 41005
    process.command("clock", "advance", "1s")
    assert process.recognize(token)["errcode"] == 42001


def test_the_stable_token_by_the_clock(process: Process) -> None:
    process.command("clock", "freeze", MIDNIGHT)
    first = process.token("stable_token", "wx-stable")
    process.command("clock", "advance", "1h")
    assert process.token("stable_token", "wx-stable") == {**first, "expires_in": 3600}
    process.command("clock", "advance", "3301s")
    assert process.token("stable_token", "wx-stable")["access_token"] != first["access_token"]


def test_the_clock_in_json_and_by_http(process: Process) -> None:
    told = json.loads(process.command("clock", "freeze", MIDNIGHT, "--json").out)
    assert told["now"] == "2026-12-31T23:59:59.000+08:00"
    assert told["held"] is True
    again = process.ask("/_openapi_shim/clock")[1]
    assert {**again, "ahead": 0} == {**told, "ahead": 0}
    status, answer = process.ask("/_openapi_shim/clock", {"advance": 1})
    assert (status, answer["now"]) == (200, "2027-01-01T00:00:00.000+08:00")
    shown = process.command("clock").out
    assert shown.startswith("2027-01-01T00:00:00.000+08:00, held, +")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["advance"], "advance wants a span"),
        (["advance", "soon"], "'soon' is no span of time"),
        (["advance", "999999d"], "between the years 1970 and 3000"),
        (["freeze", "tomorrow"], "'tomorrow' is no moment"),
        (["reset", "now"], "reset takes no value"),
        (["stop"], "freeze"),
    ],
)
def test_what_no_clock_does(process: Process, arguments: list[str], text: str) -> None:
    done = process.command("clock", *arguments)
    assert done.code in (1, 2)
    assert text in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "body", [[], {"freeze": True, "reset": True}, {}, {"stop": 1}, {"advance": None}]
)
def test_commands_that_are_none(process: Process, body: object) -> None:
    status, answer = process.ask("/_openapi_shim/clock", body)
    assert status == 400
    assert answer["error"]


def test_a_request_id_is_explained(process: Process) -> None:
    answer = process.recognize(f"17_{'nobody' + 'x' * 127}")
    rid = answer["errmsg"].rsplit("rid: ", 1)[1]
    done = process.command("explain", rid)
    assert done.code == 0
    assert f"POST /cv/ocr/drivinglicense -> 40001 (rid {rid})" in done.out
    assert "because the access token was never given out here" in done.out
    assert "access_token 错误" in done.out
    assert process.command("explain", answer["errmsg"]).out == done.out
    assert process.command("explain").out == done.out  # the last failure
    assert "nobody" not in json.dumps(process.ask("/_openapi_shim/requests")[1])


def test_a_code_is_explained_in_one_language(process: Process) -> None:
    done = process.command("explain", "41005", "--lang", "en")
    assert done.out.startswith("41005 media data missing\n  No image arrived")
    assert done.out.isascii()
    assert json.loads(process.command("explain", "-604101", "--json").out)["explanations"][0][
        "code"
    ] == -604101  # fmt: skip


def test_what_cannot_be_explained(process: Process) -> None:
    unknown = process.command("explain", "00000000-00000000-00000000")
    assert unknown.code == 1
    assert "no request of the last thousand" in unknown.err
    nothing = process.command("explain", "all is well")
    assert nothing.code == 1
    assert "nothing is known of 'all is well'" in nothing.err


def test_an_emulator_that_is_not_there(process: Process) -> None:
    gone = Process("http://127.0.0.1:9", process.folder).command("clock")
    assert gone.code == 2
    assert "openapi-shim start" in gone.err


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8420"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "http://localhost/"},
        {"Host": "evil.example"},
        {"Host": "api.weixin.qq.com"},
    ],
)
@pytest.mark.parametrize("path", ["/clock", "/requests", "/nothing"])
def test_nobody_else_gets_in(process: Process, headers: dict[str, str], path: str) -> None:
    parts = urlsplit(process.url)
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.putrequest("POST", f"/_openapi_shim{path}", skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    with contextlib.closing(connection), connection.getresponse() as response:
        assert response.status == 403
        assert b"held" not in response.read()


def test_an_unknown_command_lists_those_there_are(process: Process) -> None:
    status, answer = process.ask("/_openapi_shim/clokc")
    assert status == 404
    assert "GET /_openapi_shim/clock" in answer["error"]


def test_ids_are_those_of_the_seed(process: Process) -> None:
    process.command("clock", "freeze", MIDNIGHT)
    assert process.recognize("x")["errmsg"].rsplit("rid: ", 1)[1].startswith("6b")

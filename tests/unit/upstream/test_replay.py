"""Which question is the same as a recorded one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from openapi_shim.emulator.upstream.describing import (
    Answered,
    Asked,
    body_of,
    describe_answer,
    describe_question,
)
from openapi_shim.emulator.upstream.exchange import Exchange, Question, read_recording
from openapi_shim.emulator.upstream.replay import Replay
from openapi_shim.errors import ConfigError

OCR = "/cv/ocr/drivinglicense"
URL = "img_url=https%3A%2F%2Fh%2F1.jpg"


def photo(content: bytes, name: str = "img") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n\r\n'
    return head.encode() + content + b"\r\n--b--\r\n"


def asked(query: str = "", body: bytes = b"", *, method: str = "POST", path: str = OCR) -> Question:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    if body.startswith(b"{"):
        headers = {"Content-Type": "application/json"}
    return asyncio.run(describe_question(Asked(method, path, query, headers, body)))


def recorded(*pairs: tuple[Question, int]) -> Replay:
    exchanges = []
    for question, errcode in pairs:
        body = json.dumps({"errcode": errcode, "errmsg": "x"}).encode()
        answer = describe_answer(Answered(200, {}, body), raw=False)
        exchanges.append(Exchange("2026", 1, question, answer))
    return Replay(exchanges, Path("r.jsonl"))


def test_the_same_question_with_another_token_is_the_same() -> None:
    replay = recorded((asked(f"access_token=abcd12&type=photo&{URL}"), 1))
    found = replay.answer(asked(f"{URL}&cloudbase_access_token=zzzzzzzzz&type=photo"))
    assert found is not None
    assert json.loads(body_of(found))["errcode"] == 1


def test_answers_come_in_order_and_the_last_one_again() -> None:
    question, other = asked(URL), asked("", photo(b"x"))
    replay = recorded((question, 1), (other, 9), (question, 2))
    codes = [found.errcode for _ in range(4) if (found := replay.answer(question))]
    assert codes == [1, 2, 2, 2]
    codes = [found.errcode for _ in range(2) if (found := replay.answer(other))]
    assert codes == [9, 9]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (asked("img_url=https%3A%2F%2Fh%2F2.jpg"), "img_url is"),
        (asked(f"{URL}&type=scan"), "the query is absent and not type=scan"),
        (asked(URL, method="GET"), "the method is POST and not GET"),
        (
            asked(URL, path="/cv/ocr/idcard"),
            "is ocr.driverLicense and not ocr.idcard",
        ),
        (asked("", photo(b"other")), "the form is file img"),
        (asked("", photo(b"x", "image")), "and not file image"),
        (asked(URL, b'{"a": 1}'), 'the JSON is absent and not {"a": 1}'),
        (asked(URL, b"\x00" * 300), "the bytes is absent and not"),
    ],
)
def test_an_unknown_question_is_told_with_the_nearest(question: Question, told: str) -> None:
    replay = recorded((asked(URL), 0), (asked("", photo(b"x")), 0))
    assert replay.answer(question) is None
    reason = replay.why_not(question)
    assert told in reason
    assert "is not in the recording r.jsonl. The nearest is exchange " in reason


def test_an_empty_recording_says_so(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("\n")
    replay = Replay(read_recording(tmp_path / "r"), tmp_path / "r")
    assert "which is empty" in replay.why_not(asked(URL))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: "),
        ('{"format": 2}', "its format is 2, and this version reads 1"),
        ('{"format": 1, "time": "t"}', "line 1: milliseconds: "),
        ("\udcff", "not UTF-8"),
    ],
)
def test_a_broken_recording_is_told_by_its_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        read_recording(tmp_path / "r")
    assert told in str(caught.value)


def test_a_line_is_read_as_it_was_written(tmp_path: Path) -> None:
    answer = describe_answer(Answered(200, {"Content-Type": "a/b"}, b'{"errcode": 0}'), raw=True)
    exchange = Exchange("2026", 5, asked(f"{URL}&type=scan", photo(b"x")), answer)
    (tmp_path / "r").write_bytes(exchange.line())
    assert read_recording(tmp_path / "r") == [exchange]

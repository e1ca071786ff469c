"""Lines, summaries, files of results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openapi_shim.batch.machine import available_memory, usable_cores
from openapi_shim.batch.results import Failure, Outcome, State, Summary, write_lines
from openapi_shim.batch.s3_records import Message, failures_of, typed, untyped
from openapi_shim.batch.setbacks import setback_of
from openapi_shim.errors import BatchError, BatchStoppedError

NOON = 1_790_049_600 - 1_790_049_600 % 86_400 + 4 * 3600  # 12:00 in Beijing


def test_a_line_shows_fields_or_an_error() -> None:
    read = Outcome("照.jpg", "ab", {"name": "阚"}, {"name": 0.5})
    assert read.line() == (
        '{"file": "照.jpg", "sha256": "ab", "fields": {"name": "阚"}, "confidence": {"name": 0.5}}'
    )
    failed = Outcome("a.jpg", failure=Failure.NO_LICENCE, reason="why\nnot")
    assert json.loads(failed.line())["error"] == {"code": "no_licence", "reason": "why\nnot"}
    assert "\n" not in failed.line()


def test_what_was_read_does_not_show_in_a_repr() -> None:
    assert "阚" not in repr(Outcome("a.jpg", "ab", {"name": "阚"}))


def test_a_summary_counts() -> None:
    summary = Summary("j", "s", State.READING, 10, 3, {"crashed": 1, "no_licence": 2}, "r")
    assert (summary.done, summary.failed, summary.remaining) == (6, 3, 4)
    assert summary.to_dict()["remaining"] == 4


def test_results_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    assert write_lines(iter(["a", "b"]), file) == 2
    with pytest.raises(ZeroDivisionError):
        write_lines((str(1 // number) for number in (1, 0)), file)
    assert file.read_text() == "a\nb\n"
    assert [path.name for path in tmp_path.iterdir()] == ["results.jsonl"]
    with pytest.raises(BatchStoppedError, match=r"cannot be written to .*batch fetch"):
        write_lines(iter(["a"]), tmp_path / "none" / "results.jsonl")


@pytest.mark.parametrize(
    "event",
    [None, [], {}, {"job": "j"}, {"job": 1, "days": 1, "until": 1},
     {"job": "j", "days": "1", "until": 1}, {"job": "j", "days": 1, "until": "1"},
     {"job": "j", "days": 1, "until": 1, "key": "k"},
     {"job": "j", "days": 1, "until": 1, "more": 1}],
)  # fmt: skip
def test_what_is_no_message(event: object) -> None:
    with pytest.raises(BatchError, match="no message of a batch"):
        Message.parse(event)


def test_a_message_there_and_back() -> None:
    message = Message("j", 30, 9, "b", "深/照\uffff\x01.jpg", '"e"')
    assert Message.parse(json.loads(message.body())) == message
    # SQS refuses a message with U+FFFF or a control character, which a key may have.
    assert message.body().isascii()
    assert message.body().isprintable()
    assert not Message.parse({"job": "j", "days": 1, "until": 9}).of_photo


def test_items_there_and_back() -> None:
    assert untyped(typed({"a": "1", "b": 1})) == {"a": "1", "b": 1}
    assert failures_of({"failed_crashed": 2, "failed_no_licence": 0, "fine": 3}) == {"crashed": 2}


@pytest.mark.parametrize(
    ("code", "seconds"),
    [(101003, 12 * 3600), (45009, 12 * 3600), (45011, 60), (40125, 900), (-604101, 900)],
)
def test_how_long_all_wait(code: int, seconds: int) -> None:
    setback = setback_of(code, NOON)
    assert setback is not None
    assert setback.until - NOON == seconds


@pytest.mark.parametrize("code", [-1, 101000, 101001, 101002, 40066, -501001])
def test_what_concerns_the_photo_alone(code: int) -> None:
    assert setback_of(code, NOON) is None


def test_this_machine() -> None:
    assert usable_cores() >= 1
    assert (available_memory() or 1) > 0

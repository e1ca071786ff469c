from __future__ import annotations

import re

import pytest

from openapi_shim.errors import InvocationError, WeChatError
from openapi_shim.wechat.answers import Answers
from openapi_shim.wechat.ids import RandomIds

from .fakes import NOON, FakeClock, seeded_ids

SHAPE = re.compile(r".+ hint: \[[A-Za-z0-9]{14}\] rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")


@pytest.fixture
def answers() -> Answers:
    return Answers(seeded_ids(FakeClock()))


def test_success_keeps_the_order(answers: Answers) -> None:
    answer = answers.ok({"id_num": "1", "name": "2"})
    assert list(answer.body.items()) == [
        ("errcode", 0),
        ("errmsg", "ok"),
        ("id_num", "1"),
        ("name", "2"),
    ]
    assert (answer.errcode, answer.reason) == (0, "")


def test_an_error_has_the_live_shape_and_keeps_its_reason_apart(answers: Answers) -> None:
    answer = answers.error(WeChatError(101001, "a cat"))
    assert answer.body["errcode"] == 101001
    errmsg = str(answer.body["errmsg"])
    assert SHAPE.fullmatch(errmsg)
    assert errmsg.startswith("certificate not found hint: [")
    assert errmsg.endswith(answer.rid)
    assert "a cat" not in errmsg
    assert answer.reason == "a cat"


@pytest.mark.parametrize(
    ("error", "start"),
    [
        (InvocationError(-501000, "no x"), "FunctionName parameter could not be found. hint"),
        (InvocationError(-504002, "E: x"), "functions execute fail | errMsg: E: x hint"),
        (
            InvocationError(-504003, "Invoking task timed out after 3 seconds"),
            "Invoking task timed",
        ),
        (InvocationError(-501004, "64 wait"), "exceed concurrent request limit hint"),
    ],
)
def test_failed_invocations(answers: Answers, error: InvocationError, start: str) -> None:
    answer = answers.error(error)
    assert str(answer.body["errmsg"]).startswith(start)
    assert answer.body["errcode"] == error.errcode
    assert answer.reason == str(error)


def test_a_rid_begins_with_the_time() -> None:
    assert int(seeded_ids(FakeClock()).rid()[:8], 16) == int(NOON)


def test_tokens_do_not_repeat() -> None:
    ids = RandomIds()
    tokens = {ids.token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {136}

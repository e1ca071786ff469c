"""Cloud calls that differ in what is answered: by WeChat, by the gateway, by neither."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.conformance.differential.cases import (
    OPENAPI,
    Case,
    odd_gateway_answers,
    openapi_case,
    openapi_reply,
)


def _json_value(chance: random.Random, depth: int = 0) -> Any:
    """A value that an answer may have."""
    kind = chance.random()
    if depth < 3 and kind < 0.2:
        return [_json_value(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    if depth < 3 and kind < 0.5:
        return {
            chance.choice(_ANSWER_KEYS): _json_value(chance, depth + 1)
            for _ in range(chance.randint(0, 4))
        }
    return chance.choice((*_ANSWER_NUMBERS, None, True, False, "", "张三", "a_b", "\U0001f600"))


_ANSWER_KEYS = (
    "id_num", "msg_id", "_x", "a__b", "k_1", "a_B", "idNum", "a_b_c", "键_a", "é_b", "__a", "a_",
    "0", "10", "9", "errcode", "errmsg", "errCode", "errMsg", "a b_c",
)  # fmt: skip
_ANSWER_NUMBERS = (
    0,
    1,
    -5,
    1.5,
    123456789012345,
    1234567890123456,
    2**53 + 1,
    2**64,
    -(2**70),
    1e5,
)


def answers(chance: random.Random) -> Iterator[Case]:
    """Success, WeChat's errors, the gateway's, and what is none of them."""
    for number in range(40):
        body = {
            chance.choice(_ANSWER_KEYS[:-6]): _json_value(chance)
            for _ in range(chance.randint(1, 6))
        }
        yield openapi_case(f"answer/mixed-{number}", {}, reply=openapi_reply(body))
        yield openapi_case(
            f"answer/mixed-{number}, kept",
            {},
            reply=openapi_reply(body),
            options={"convertCase": False},
        )
    for code in (-1, 40001, 41005, 45009, 48001, 101000, 101001, 101002, 101003, -604101, 1):
        body = {"errcode": code, "errmsg": f"text of {code} hint: [a] rid: 1-2-3"}
        yield openapi_case(f"answer/errcode {code}", {}, reply=openapi_reply(body))
    for code in (-604100, -604101, -604102, -604103, -604104, -1, 1, -501001, 2147483647):
        yield openapi_case(f"answer/error code {code}", {}, reply=openapi_reply(b"", error=code))
    yield from _odd_wechat_answers()
    yield from odd_gateway_answers("answer", OPENAPI, [{}])


def _odd_wechat_answers() -> Iterator[Case]:
    kinds = (
        "application/json",
        "text/plain",
        "TEXT/PLAIN; charset=utf-8",
        "image/png",
        "",
        " a/b ",
    )
    bodies: dict[str, bytes] = {
        "object": b'{"errcode":0,"a_b":1}',
        "text": "纯文本 a".encode(),
        "binary": bytes(range(256)),
        "nothing": b"",
        "array": b'[{"a_b":1}]',
        "number": b"5",
        "string": b'"a_b"',
        "null": b"null",
        "true": b"true",
        "cut": b'{"errcode":0,"a_b"',
        "twice the same key": b'{"a_b":1,"a_b":2}',
        "zero in front": b'{"a":01}',
        "blanks": b' \n{ "a_b" : [ 1 , 2 ] } ',
    }
    for kind in kinds:
        for name, body in bodies.items():
            yield openapi_case(
                f"answer/{kind or 'no type'}: {name}",
                {},
                reply=openapi_reply(body, content_type=kind),
            )
    for name, text in {
        "errcode as text": '{"errcode":"40001","errmsg":"x"}',
        "errcode null": '{"errcode":null,"errmsg":"x"}',
        "errcode true": '{"errcode":true}',
        "errcode 1.5": '{"errcode":1.5}',
        "errcode alone": '{"errcode":41005}',
        "errmsg null": '{"errcode":41005,"errmsg":null}',
        "errmsg number": '{"errcode":41005,"errmsg":5}',
        "errmsg object": '{"errcode":41005,"errmsg":{"a":1}}',
        "errcode empty text": '{"errcode":"","errmsg":"x"}',
        "own errMsg": '{"err_msg":"mine","err_code":5,"errMsg":"theirs"}',
        "escapes": '{"a":"\\ud83d\\ude00\\u0000\\ud800"}',
        "small float": '{"a":1e-7,"b":1E3,"c":-0,"d":1.50}',
        "long float": '{"a":0.12345678901234567,"b":1234567890.1234567}',
        "huge": '{"a":1e400}',
    }.items():
        yield openapi_case(f"answer/{name}", {}, reply=openapi_reply(text.encode()))

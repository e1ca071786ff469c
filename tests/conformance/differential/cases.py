"""What a case is, what it may be made of, and the answers it may get."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.protocol import messages
from tests.conformance.differential.gateway import Reply

ENV = "conf-env"
ENVIRONMENT = {
    "TENCENTCLOUD": "",
    "TENCENTCLOUD_RUNENV": "SCF",
    "TENCENTCLOUD_REGION": "ap-shanghai",
    "TENCENTCLOUD_SECRETID": "AKIDconformance",
    "TENCENTCLOUD_SECRETKEY": "key-of-the-conformance-tests",
    "TENCENTCLOUD_SESSIONTOKEN": "session token/+=",
    "SCF_NAMESPACE": ENV,
    "TCB_ENV": ENV,
    "TCB_SOURCE": "wx_client",
    "TCB_SEQID": "",
    "TCB_TRACELOG": "",
    "TCB_ROUTE_KEY": "",
    "TCB_SESSIONTOKEN": "",
    "TRIGGER_SRC": "",
    "WX_API_TOKEN": "invocation-token",
    "WX_TRIGGER_API_TOKEN_V0": "",
    "WX_CLOUDBASE_ACCESSTOKEN": "",
    "WX_OPENID": "openid",
    "WX_APPID": "wx0000000000000000",
    "WX_CONTEXT_KEYS": "WX_API_TOKEN,WX_OPENID,WX_APPID",
    "TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE",
}
"""What a function finds in its environment; every case has all of it, with its own changes."""

OPENAPI = "openapi.ocr.driverLicense"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\xff--").decode()


@dataclass(frozen=True)
class Case:
    """One call.

    Attributes:
        name: ``family/what``.
        step: the call.
        replies: the gateway's answers to its requests, in order.
        environment: variables that differ from ``ENVIRONMENT``.
    """

    name: str
    step: dict[str, Any]
    replies: Sequence[Reply]
    environment: dict[str, str] = field(default_factory=dict)


def openapi_reply(
    body: object,
    *,
    content_type: str = "application/json; charset=UTF-8",
    error: int = 0,
    svrkit_error: int | None = None,
) -> Reply:
    """WeChat's answer as the gateway carries it."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    fields: dict[str, Any] = {"respData": data, "contentType": content_type, "errorCode": error}
    if svrkit_error is not None:
        fields["svrkitErrorCode"] = svrkit_error
    return Reply(messages.new("CommOpenApiResp", httpCode=200, **fields).SerializeToString())


def json_reply(body: object, status: int = 200) -> Reply:
    """An answer of the gateway in JSON."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return Reply(text.encode("utf-8", "surrogatepass"), "application/json; charset=utf-8", status)


OK = openapi_reply({"errcode": 0, "errmsg": "ok"})


def openapi_case(name: str, *arguments: Any, reply: Reply = OK, **more: Any) -> Case:
    return Case(name, {"path": OPENAPI, "args": list(arguments), **more}, [reply])


TEXTS = (
    "", "photo", "张三", "é", "𠮷", "\U0001f600", "\ud800", "a\udc00b", "\udc00\ud800", '"', "\\",
    "\x00\x1f", "\x7f\x80\x9f", "\u2028\u2029", "\ufeff", "\u200d\u200e\u200f", "\u00ad", "/",
    "</script>", "a b", " trimmed ", "\t\n\r", "null", "123", "1e5", "https://a/b?c=d&e=%20#f",
    "\u0600\u06dd", "\ufff0\uffff", "\u202a", "\u2060\u206f", "e\u0301", "\u17b4\u070f",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 42, 1.5, -0.25, 0.1, 1 / 3, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 5e-324,
    1.7976931348623157e308, 2**31, 2**32, 2**53 - 1, -(2**53 - 1), 2**53, 1e15, 1e16, 123e-20,
    4.35, 100.0, 2.5e-8, {"$number": "-0"}, {"$number": "NaN"}, {"$number": "Infinity"},
    {"$number": "-Infinity"}, {"$bigint": "9007199254740993"}, {"$bigint": "-9223372036854775809"},
    {"$bigint": "1"}, {"$bigint": "340282366920938463463374607431768211456"},
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    None, True, False, [], {}, [[]], [None], {"$undefined": True}, {"$buffer": ""},
    {"$buffer": PNG}, {"$date": 0}, {"$date": 1795376544123}, {"$date": -62135596800000},
    {"$date": 253402300799999}, {"$date": -1}, [{"$undefined": True}, 1], [{"$date": 5}],
    {"a": {"$undefined": True}}, {"deep": {"deeper": [{"deepest": {"imgUrl": [1, {"aB": 2}]}}]}},
)  # fmt: skip
KEYS = (
    "imgUrl", "imgURL", "OpenID", "a1B", "_Abc", "snake_case", "ÄB", "äÖü", "a", "A", "ABC", "a_B",
    "a__b", "k_1", "", " ", "a b", "a.b", "键", "😀", "0", "10", "2", "-1", "01", "4294967295",
    "length", "a-b", "$a", "aB1C", "ID",
)  # fmt: skip


BIG = tuple(number for number in NUMBERS if isinstance(number, dict) and "$bigint" in number)
SMALL = tuple(number for number in NUMBERS if number not in BIG)


def _value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth < 4 and kind < 0.2:
        return [_value(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    if depth < 4 and kind < 0.45:
        return members(chance, depth + 1)
    if kind < 0.65:
        return chance.choice(SMALL)
    if kind < 0.85:
        return _text(chance)
    return chance.choice(OTHERS)


def _text(chance: random.Random) -> str:
    return "".join(chance.choice(TEXTS) for _ in range(chance.randint(1, 3)))


def members(chance: random.Random, depth: int = 0) -> dict[str, Any]:
    return {chance.choice(KEYS): _value(chance, depth) for _ in range(chance.randint(0, 5))}


def odd_gateway_answers(family: str, path: str, arguments: list[Any]) -> Iterator[Case]:
    """Answers that are not the expected one, for any call."""
    failure = {"code": "INVALID_PARAM", "message": "bad 参数", "requestId": "r1"}
    replies = {
        "gateway error": json_reply(failure),
        "unknown gateway error": json_reply({**failure, "code": "NEW_WORD"}),
        "gateway error without message": json_reply({"code": "SYS_ERR", "requestId": "r1"}),
        "gateway error as text": Reply(json.dumps(failure).encode(), "text/html"),
        "gateway error in bare JSON": Reply(json.dumps(failure).encode(), "application/json"),
        "JSON of another shape": json_reply({"a": 1}),
        "JSON array": json_reply("[1]"),
        "JSON null": json_reply("null"),
        "JSON text": json_reply('"a"'),
        "broken JSON": json_reply('{"code": '),
        "no bytes": Reply(b""),
        "no bytes of JSON": json_reply(""),
        "page": Reply(b"<html>not here</html>", "text/html"),
        "noise": Reply(b"\xff\xfe\x00\x01"),
        "cut protobuf": Reply(b"\x0a\xff\x01ab"),
        "500": Reply(b"oops", "text/plain", 500),
        "404": json_reply(failure, 404),
        "502": Reply(b"", "text/html", 502),
        "201": json_reply(failure, 201),
    }
    for name, reply in replies.items():
        yield Case(f"{family}/{name}", {"path": path, "args": arguments}, [reply])

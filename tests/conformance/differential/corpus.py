"""The calls that both sides make: generated from a seed, and picked by hand at the edges.

Every call is JSON that JavaScript and Python build the same values from; see ``values.py``.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.protocol import messages
from tests.conformance.differential.gateway import Reply

SEED = 20261122
ENV = "conf-env"
ENVIRONMENT = {
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
_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\xff--").decode()


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


def corpus() -> list[Case]:
    """All cases, the same ones every time."""
    chance = random.Random(SEED)  # noqa: S311
    families = (
        _values(chance), _keys(), _options(), _media(), _identity(), _answers(chance),
        _functions(chance), _function_answers(), _storage(), _storage_answers(), _open_data(),
    )  # fmt: skip
    cases = [case for family in families for case in family]
    names = [case.name for case in cases]
    assert len(set(names)) == len(names)
    return cases


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


_OK = openapi_reply({"errcode": 0, "errmsg": "ok"})


def _call(name: str, *arguments: Any, reply: Reply = _OK, **more: Any) -> Case:
    return Case(name, {"path": OPENAPI, "args": list(arguments), **more}, [reply])


# --- what a value may be -----------------------------------------------------------------------

_TEXTS = (
    "", "photo", "张三", "é", "𠮷", "\U0001f600", "\ud800", "a\udc00b", "\udc00\ud800", '"', "\\",
    "\x00\x1f", "\x7f\x80\x9f", "\u2028\u2029", "\ufeff", "\u200d\u200e\u200f", "\u00ad", "/",
    "</script>", "a b", " trimmed ", "\t\n\r", "null", "123", "1e5", "https://a/b?c=d&e=%20#f",
    "\u0600\u06dd", "\ufff0\uffff", "\u202a", "\u2060\u206f", "e\u0301", "\u17b4\u070f",
)  # fmt: skip
_NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 42, 1.5, -0.25, 0.1, 1 / 3, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 5e-324,
    1.7976931348623157e308, 2**31, 2**32, 2**53 - 1, -(2**53 - 1), 2**53, 1e15, 1e16, 123e-20,
    4.35, 100.0, 2.5e-8, {"$number": "-0"}, {"$number": "NaN"}, {"$number": "Infinity"},
    {"$number": "-Infinity"}, {"$bigint": "9007199254740993"}, {"$bigint": "-9223372036854775809"},
    {"$bigint": "1"}, {"$bigint": "340282366920938463463374607431768211456"},
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    None, True, False, [], {}, [[]], [None], {"$undefined": True}, {"$buffer": ""},
    {"$buffer": _PNG}, {"$date": 0}, {"$date": 1795376544123}, {"$date": -62135596800000},
    {"$date": 253402300799999}, {"$date": -1}, [{"$undefined": True}, 1], [{"$date": 5}],
    {"a": {"$undefined": True}}, {"deep": {"deeper": [{"deepest": {"imgUrl": [1, {"aB": 2}]}}]}},
)  # fmt: skip
_KEYS = (
    "imgUrl", "imgURL", "OpenID", "a1B", "_Abc", "snake_case", "ÄB", "äÖü", "a", "A", "ABC", "a_B",
    "a__b", "k_1", "", " ", "a b", "a.b", "键", "😀", "0", "10", "2", "-1", "01", "4294967295",
    "length", "a-b", "$a", "aB1C", "ID",
)  # fmt: skip
_INHERITED_KEYS = ("constructor", "toString", "hasOwnProperty")


_BIG = tuple(number for number in _NUMBERS if isinstance(number, dict) and "$bigint" in number)
_SMALL = tuple(number for number in _NUMBERS if number not in _BIG)


def _value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth < 4 and kind < 0.2:
        return [_value(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    if depth < 4 and kind < 0.45:
        return _members(chance, depth + 1)
    if kind < 0.65:
        return chance.choice(_SMALL)
    if kind < 0.85:
        return _text(chance)
    return chance.choice(_OTHERS)


def _text(chance: random.Random) -> str:
    return "".join(chance.choice(_TEXTS) for _ in range(chance.randint(1, 3)))


def _members(chance: random.Random, depth: int = 0) -> dict[str, Any]:
    return {chance.choice(_KEYS): _value(chance, depth) for _ in range(chance.randint(0, 5))}


def _values(chance: random.Random) -> Iterator[Case]:
    """Parameters of all kinds, alone and mixed."""
    singles = (*_TEXTS, *_NUMBERS, *_OTHERS)
    for number, value in enumerate(singles):
        yield _call(f"value/single-{number}", {"value": value, "after": 1})
    for number in range(80):
        yield _call(f"value/mixed-{number}", _members(chance))
    yield _call("value/none")
    yield _call("value/undefined", {"$undefined": True})
    yield _call("value/null", None)
    yield _call("value/empty", {})
    yield _call("value/array", [1, "b"])
    yield _call("value/text", "ab")
    yield _call("value/number", 5)
    yield _call("value/cycle", {"a": {"$cycle": True}})


def _keys() -> Iterator[Case]:
    """Names, and what becomes of them in both cases."""
    named = {str(number): key for number, key in enumerate(_KEYS)}
    for name, key in (named | {f"inherited {key}": key for key in _INHERITED_KEYS}).items():
        value = {key: 1, "outer": {key: [{key: 1}], "x": {key: {key: 2}}}}
        yield _call(f"key/{name}", value)
        yield _call(f"key/{name}, kept", value, options={"convertCase": False})
    for name, odd in {
        "camel first": {"aB": 1, "a_b": 2},
        "snake first": {"a_b": 1, "aB": 2},
        "between others": {"x": 0, "aB": 1, "y": 2, "a_b": 3, "z": 4},
        "numbers come first": {"b": 1, "aB": 2, "10": 3, "9": 4},
        "__proto__": {"__proto__": {"a": 1}, "b": 2},
    }.items():
        yield _call(f"key/{name}", odd)
        yield _call(f"key/{name}, nested", {"outer": odd})


def _options() -> Iterator[Case]:
    """What ``cloud.openapi({...})`` takes."""
    for number, options in enumerate(
        (
            {}, {"convertCase": True}, {"convertCase": None}, {"convertCase": 0},
            {"convertCase": ""}, {"version": "v2"}, {"version": "v1"}, {"version": ""},
            {"version": 2}, {"appid": "wx123"}, {"appid": ""}, {"other": 1},
            {"convertCase": False, "version": "v2", "appid": "wx9"},
        )
    ):  # fmt: skip
        reply = openapi_reply({"errcode": 0, "errmsg": "ok", "id_num": {"a_b": 1}})
        yield _call(
            f"options/{number}", {"imgUrl": "u", "c": {"dE": 1}}, options=options, reply=reply
        )
    wrong: Any
    for number, wrong in enumerate((None, [], "v2", 5, True)):
        yield _call(f"options/no object {number}", {}, options=wrong)
    for path in ("openapi.a", "openapi.a.b.c.d", "openapi.customerServiceMessage.send"):
        yield Case(f"options/{path}", {"path": path, "args": [{"aB": 1}]}, [_OK])


_TYPES = (
    "image/png", "image/jpeg", "image/jpg", "IMAGE/PNG", "image/png; charset=x", "image/gif",
    "image/webp", "image/bmp", "image/tiff", "image/heic", "application/pdf", "video/mp4",
    "audio/mpeg", "text/plain", "application/octet-stream", "image/svg+xml", "application/json",
    "application/zip", "text/html", "image/avif", "video/quicktime", "audio/wav", "", "x", "图/片",
    "toString", "image/x-icon", "application/xml", "audio/mp3", "image/vnd.adobe.photoshop",
)  # fmt: skip


def _media() -> Iterator[Case]:
    """Files, and what only looks like one."""
    file = {"$buffer": _PNG}
    for number, kind in enumerate(_TYPES):
        yield _call(f"media/type-{number}", {"img": {"contentType": kind, "value": file}})
    for name, image in {
        "content_type": {"content_type": "image/png", "value": file},
        "both spellings": {"contentType": "image/gif", "content_type": "image/png", "value": file},
        "file name": {"contentType": "image/png", "value": file, "fileName": "我的 照片.png"},
        "empty file name": {"contentType": "image/png", "value": file, "fileName": ""},
        "empty file": {"contentType": "image/png", "value": {"$buffer": ""}},
        "more members": {"contentType": "image/png", "value": file, "aB": {"cD": 1}},
        "no type": {"value": file},
        "null type": {"contentType": None, "value": file},
        "number as type": {"contentType": 5, "value": file},
        "no value": {"contentType": "image/png"},
        "null value": {"contentType": "image/png", "value": None},
        "text value": {"contentType": "image/png", "value": "not base64!"},
        "base64 value": {"contentType": "image/png", "value": _PNG},
        "a buffer's JSON": {
            "contentType": "image/png",
            "value": {"type": "Buffer", "data": [1, 2]},
        },
        "nested": {"img": {"contentType": "image/png", "value": file}},
        "in an array": [{"contentType": "image/png", "value": file}],
        "the bytes themselves": file,
    }.items():
        yield _call(f"media/{name}", {"type": "photo", "img": image})
        kept = {"convertCase": False}
        yield _call(f"media/{name}, kept", {"img": image}, options=kept)
    yield _call("media/key", {"myImgFile": {"contentType": "image/png", "value": file}})
    yield _call(
        "media/uint8array", {"img": {"contentType": "image/png", "value": {"$bytes": _PNG}}}
    )
    large = base64.b64encode(bytes(range(256)) * 2000).decode()
    yield _call("media/large", {"img": {"contentType": "image/png", "value": {"$buffer": large}}})


def _identity() -> Iterator[Case]:
    """Who calls: tokens, the environment, what is listed and what is not."""
    for name, change in {
        "no context keys": {"WX_CONTEXT_KEYS": ""},
        "token not listed": {"WX_CONTEXT_KEYS": "WX_OPENID"},
        "cloudbase token": {
            "WX_CONTEXT_KEYS": "WX_CLOUDBASE_ACCESSTOKEN", "WX_CLOUDBASE_ACCESSTOKEN": "cb"
        },
        "both tokens": {
            "WX_CONTEXT_KEYS": "WX_API_TOKEN,WX_CLOUDBASE_ACCESSTOKEN",
            "WX_CLOUDBASE_ACCESSTOKEN": "cb",
        },
        "timer": {"TRIGGER_SRC": "timer", "WX_TRIGGER_API_TOKEN_V0": "tick"},
        "timer without its token": {"TRIGGER_SRC": "timer"},
        "listed by tcb": {
            "WX_CONTEXT_KEYS": "", "TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE,WX_API_TOKEN"
        },
        "env not listed": {"TCB_CONTEXT_KEYS": "TCB_SOURCE", "TCB_ENV": "other"},
        "source not listed": {"TCB_CONTEXT_KEYS": "TCB_ENV"},
        "no env": {"TCB_ENV": "", "SCF_NAMESPACE": ""},
        "odd env": {"TCB_ENV": "Env One/中", "SCF_NAMESPACE": ""},
        "session": {
            "TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE,TCB_SESSIONTOKEN", "TCB_SESSIONTOKEN": "s 1"
        },
        "sequence": {"TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE,TCB_SEQID", "TCB_SEQID": "s1-a/b c"},
        "trace": {"TCB_CONTEXT_KEYS": "TCB_ENV,TCB_TRACELOG", "TCB_TRACELOG": "Trace=On"},
        "route": {"TCB_CONTEXT_KEYS": "TCB_ENV,TCB_ROUTE_KEY", "TCB_ROUTE_KEY": "R1"},
        "no region": {"TENCENTCLOUD_REGION": ""},
        "not in a function": {"TENCENTCLOUD_RUNENV": "", "TENCENTCLOUD": "true"},
        "unicode session": {"TENCENTCLOUD_SESSIONTOKEN": "中"},
    }.items():  # fmt: skip
        yield Case(f"identity/{name}", _call("", {"aB": 1}).step, [_OK], change)
        yield Case(
            f"identity/{name}, function",
            {"path": "callFunction", "args": [{"name": "f"}]},
            [json_reply({"requestId": "r", "data": {"response_data": "1"}})],
            change,
        )


# --- what may be answered ----------------------------------------------------------------------


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


def _answers(chance: random.Random) -> Iterator[Case]:
    """Success, WeChat's errors, the gateway's, and what is none of them."""
    for number in range(40):
        body = {
            chance.choice(_ANSWER_KEYS[:-6]): _json_value(chance)
            for _ in range(chance.randint(1, 6))
        }
        yield _call(f"answer/mixed-{number}", {}, reply=openapi_reply(body))
        yield _call(
            f"answer/mixed-{number}, kept",
            {},
            reply=openapi_reply(body),
            options={"convertCase": False},
        )
    for code in (-1, 40001, 41005, 45009, 48001, 101000, 101001, 101002, 101003, -604101, 1):
        body = {"errcode": code, "errmsg": f"text of {code} hint: [a] rid: 1-2-3"}
        yield _call(f"answer/errcode {code}", {}, reply=openapi_reply(body))
    for code in (-604100, -604101, -604102, -604103, -604104, -1, 1, -501001, 2147483647):
        yield _call(f"answer/error code {code}", {}, reply=openapi_reply(b"", error=code))
    yield from _odd_wechat_answers()
    yield from _odd_gateway_answers("answer", OPENAPI, [{}])


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
            yield _call(
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
        yield _call(f"answer/{name}", {}, reply=openapi_reply(text.encode()))


def _odd_gateway_answers(family: str, path: str, arguments: list[Any]) -> Iterator[Case]:
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


# --- functions -----------------------------------------------------------------------------------


def _invoked(result: str) -> Reply:
    return json_reply({"requestId": "request-1", "data": {"response_data": result}})


def _functions(chance: random.Random) -> Iterator[Case]:
    """Events of all kinds, and arguments that are refused."""

    def call(name: str, *arguments: Any) -> Case:
        step = {"path": "callFunction", "args": list(arguments)}
        return Case(f"function/{name}", step, [_invoked("1")])

    for number in range(50):
        yield call(f"data-{number}", {"name": "f", "data": _members(chance)})
    for number, value in enumerate((*_TEXTS, *_SMALL, *_OTHERS)):
        yield call(f"single-{number}", {"name": "f", "data": {"value": value}})
    for number, value in enumerate(_BIG):
        yield call(f"big integer {number}", {"name": "f", "data": {"value": value}})
    yield call("odd name", {"name": " 名/../x ", "data": {}})
    yield call("empty name", {"name": "", "data": {}})
    yield call("other env", {"name": "f", "data": {}, "config": {"env": "other-env"}})
    yield call("null config", {"name": "f", "data": {}, "config": None})
    yield call("slow", {"name": "f", "data": {}, "slow": True, "version": "v2"})
    yield call("cycle", {"name": "f", "data": {"$cycle": True}})
    yield call("nothing")
    wrong: Any
    for number, wrong in enumerate(
        (None, 5, "f", [], {}, {"name": None}, {"name": 5}, {"data": {}})
    ):
        yield call(f"wrong-{number}", wrong)
    for number, wrong in enumerate((None, 5, "text", [], True, {"$buffer": _PNG}, {"$date": 0})):
        yield call(f"wrong data-{number}", {"name": "f", "data": wrong})


def _function_answers() -> Iterator[Case]:
    step = {"path": "callFunction", "args": [{"name": "f", "data": {"a": 1}}]}
    for number, result in enumerate(
        (
            '{"a":1}', "[1,2]", "1", "null", "true", '""', '"text"', "text", "", "undefined",
            '"123"', '"{\\"a\\":1}"', '"\\"twice\\""', "1e400", "12345678901234567890", "{cut",
            '{"a_b":{"c_d":1}}', '"null"', " 5 ", '"\\ud800"', "NaN", "Infinity", '{"a":NaN}',
        )
    ):  # fmt: skip
        yield Case(f"function answer/result-{number}", step, [_invoked(result)])
    for code, message in (
        ("FUNCTIONS_EXECUTE_FAIL", '{"errorCode":1,"errorMessage":"user code exception"}'),
        ("FUNCTIONS_EXECUTE_FAIL", "Error: x"),
        ("FUNCTION_NOT_FOUND", "FunctionName parameter could not be found."),
        ("FUNCTIONS_TIME_LIMIT_EXCEEDED", "Invoking task timed out after 3 seconds"),
        ("STORAGE_FILE_NONEXIST", "m"), ("SYS_ERR", "m"), ("SERVER_TIMEOUT", "m"),
        ("EXCEED_REQUEST_LIMIT", "m"), ("INVALIID_ENV", "m"), ("INVALID_ENV", "m"),
        ("DATABASE_REQUEST_FAILED", "m"), ("FUNCTIONS_REQUEST_FAIL", ""),
    ):  # fmt: skip
        reply = json_reply({"code": code, "message": message, "requestId": "r"})
        yield Case(f"function answer/{code} {message}", step, [reply])
    odd: dict[str, Any] = {
        "null": None, "empty": {}, "number": {"response_data": 5}, "object": {"response_data": {}}
    }  # fmt: skip
    for name, data in odd.items():
        reply = json_reply({"requestId": "r", "data": data})
        yield Case(f"function answer/data {name}", step, [reply])
    yield from _odd_gateway_answers("function answer", "callFunction", [{"name": "f"}])


# --- storage -------------------------------------------------------------------------------------

_GRANT = {
    "url": "{base}/object/a%20b.txt", "token": "tok", "authorization": "q-sign=1",
    "fileId": "cloud://e.b/a b.txt", "cosFileId": "Y29z", "download_url": "{base}/object/x",
}  # fmt: skip


def _upload_replies(body: bytes = b"", status: int = 200, kind: str = "text/plain") -> list[Reply]:
    return [json_reply({"requestId": "r", "data": _GRANT}), Reply(body, kind, status)]


def _listed(name: str, entries: list[dict[str, Any]]) -> Reply:
    return json_reply({"requestId": "r", "data": {name: entries}})


def _storage() -> Iterator[Case]:
    """Uploads, downloads, URLs and deletions, with good and bad arguments."""

    def case(name: str, path: str, replies: Sequence[Reply], *arguments: Any) -> Case:
        return Case(f"storage/{path} {name}", {"path": path, "args": list(arguments)}, replies)

    content = {"$buffer": _PNG}
    for name, upload in {
        "plain": {"cloudPath": "a b.txt", "fileContent": content},
        "non-ASCII": {"cloudPath": "目录/é 𠮷.txt", "fileContent": content},
        "empty file": {"cloudPath": "a.txt", "fileContent": {"$buffer": ""}},
        "other env": {"cloudPath": "a", "fileContent": content, "config": {"env": "other"}},
        "no path": {"fileContent": content},
        "no content": {"cloudPath": "a"},
        "number as path": {"cloudPath": 5, "fileContent": content},
        "empty path": {"cloudPath": "", "fileContent": content},
        "null": None,
        "empty": {},
    }.items():
        yield case(name, "uploadFile", _upload_replies(), upload)
    found = {"code": "SUCCESS", "fileID": "cloud://e.b/a", "tempFileURL": "{base}/object/目 录?s=1"}
    down = [_listed("download_list", [found]), Reply(b"\x00file\xff", "text/plain")]
    for name, download in {
        "plain": {"fileID": "cloud://e.b/a"},
        "other env": {"fileID": "cloud://e.b/a", "config": {"env": "other"}},
        "empty": {}, "null": None, "number": {"fileID": 5}, "empty id": {"fileID": ""},
    }.items():  # fmt: skip
        yield case(name, "downloadFile", down, download)
    links = _listed("download_list", [{**found, "maxAge": 7200}, {**found, "maxAge": 60}])
    for name, asked in {
        "ids": {"fileList": ["cloud://e.b/a", "cloud://e.b/é"]},
        "objects": {"fileList": [{"fileID": "cloud://e.b/a", "maxAge": 60}]},
        "mixed": {"fileList": ["a", {"fileID": "b", "maxAge": 1}]},
        "no maxAge": {"fileList": [{"fileID": "a"}]},
        "no fileID": {"fileList": [{"maxAge": 5}]},
        "number": {"fileList": [5]}, "none": {"fileList": []}, "text": {"fileList": "a"},
        "null": None, "empty": {},
    }.items():  # fmt: skip
        yield case(name, "getTempFileURL", [links], asked)
    gone = _listed(
        "delete_list", [{"code": "SUCCESS", "fileID": "a"}, {"code": "SUCCESS", "fileID": "b"}]
    )
    for name, asked in {
        "ids": {"fileList": ["a", "b"]}, "none": {"fileList": []}, "number": {"fileList": [5]},
        "text": {"fileList": "a"}, "null": None, "empty": {},
    }.items():  # fmt: skip
        yield case(name, "deleteFile", [gone], asked)


_CODES = (
    "SUCCESS", "STORAGE_FILE_NONEXIST", "STORAGE_EXCEED_AUTHORITY", "INVALID_PARAM", "NEW_WORD",
    "STORAGE_REQUEST_FAIL",
)  # fmt: skip


def _storage_answers() -> Iterator[Case]:
    def case(name: str, path: str, arguments: Any, *replies: Reply) -> Case:
        return Case(f"storage answer/{path} {name}", {"path": path, "args": [arguments]}, replies)

    upload = {"cloudPath": "a", "fileContent": {"$buffer": _PNG}}
    error = (
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no 权限</Message></Error>"
    )
    for name, replies in {
        "XML error": _upload_replies(error.encode(), 403, "application/xml"),
        "XML error, status 200": _upload_replies(error.encode(), 200, "application/xml"),
        "text": _upload_replies(b"not empty"),
        "500": _upload_replies(b"", 500),
        "204": _upload_replies(b"", 204),
        "201": _upload_replies(b"", 201),
        "no grant": [json_reply({"requestId": "r", "data": {}})],
    }.items():
        yield case(name, "uploadFile", upload, *replies)
    one = {"fileID": "cloud://e.b/a"}
    for code in _CODES:
        url = "{base}/object/a" if code == "SUCCESS" else ""
        item = {"code": code, "fileID": "cloud://e.b/a", "tempFileURL": url, "maxAge": 600}
        told = {**item, "message": "told"}
        body = Reply(b"body", "text/plain")
        yield case(code, "downloadFile", one, _listed("download_list", [item]), body)
        yield case(f"{code} told", "downloadFile", one, _listed("download_list", [told]), body)
        listed = {"fileList": ["cloud://e.b/a"]}
        yield case(code, "getTempFileURL", listed, _listed("download_list", [item, told]))
        yield case(code, "deleteFile", listed, _listed("delete_list", [item, told]))
    found = {"code": "SUCCESS", "fileID": "a", "tempFileURL": "{base}/object/a"}
    for status in (404, 500, 206, 204):
        reply = Reply(b"x" if status != 204 else b"", "text/plain", status)
        yield case(
            f"status {status}", "downloadFile", one, _listed("download_list", [found]), reply
        )
    for path, arguments in {
        "uploadFile": upload, "downloadFile": one, "getTempFileURL": {"fileList": ["a"]},
        "deleteFile": {"fileList": ["a"]},
    }.items():  # fmt: skip
        yield from _odd_gateway_answers(f"storage answer {path}", path, [arguments])


def _open_data() -> Iterator[Case]:
    answer = messages.new("ApiGetOpenDataByCloudIdResp")
    answer.dataList.add(cloudId="c1", json='{"cloudID":"c1","data":{"phone_number":"1"}}')
    answer.dataList.add(cloudId="c2", json='{"cloudID":"c2","errCode":-601005}')
    good = openapi_reply(answer.SerializeToString(), content_type="", svrkit_error=0)
    for name, (arguments, reply) in {
        "two": ([{"list": ["c1", "c2"]}], good),
        "none": ([{"list": []}], good),
        "no list": ([{}], good),
        "nothing": ([], good),
        "other appid": ([{"list": ["c1"], "appid": "wx5"}], good),
        "numbers": ([{"list": [1, 2]}], good),
        "text": ([{"list": "c1"}], good),
        "error code": ([{"list": ["c1"]}], openapi_reply(b"", error=-604103)),
        "svrkit error": ([{"list": ["c1"]}], openapi_reply(b"", svrkit_error=-5)),
        "no data": ([{"list": ["c1"]}], openapi_reply(b"", svrkit_error=0)),
    }.items():
        yield Case(f"open data/{name}", {"path": "getOpenData", "args": arguments}, [reply])
    yield from _odd_gateway_answers("open data", "getOpenData", [{"list": ["c1"]}])

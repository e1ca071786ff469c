"""Calls that differ in what is sent: values, names, options, files, who calls."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from typing import Any

from tests.conformance.differential.cases import (
    KEYS,
    NUMBERS,
    OK,
    OTHERS,
    PNG,
    TEXTS,
    Case,
    json_reply,
    members,
    openapi_case,
    openapi_reply,
)

_INHERITED_KEYS = ("constructor", "toString", "hasOwnProperty")


def values(chance: random.Random) -> Iterator[Case]:
    """Parameters of all kinds, alone and mixed."""
    singles = (*TEXTS, *NUMBERS, *OTHERS)
    for number, value in enumerate(singles):
        yield openapi_case(f"value/single-{number}", {"value": value, "after": 1})
    for number in range(80):
        yield openapi_case(f"value/mixed-{number}", members(chance))
    yield openapi_case("value/none")
    yield openapi_case("value/undefined", {"$undefined": True})
    yield openapi_case("value/null", None)
    yield openapi_case("value/empty", {})
    yield openapi_case("value/array", [1, "b"])
    yield openapi_case("value/text", "ab")
    yield openapi_case("value/number", 5)
    yield openapi_case("value/cycle", {"a": {"$cycle": True}})


def keys() -> Iterator[Case]:
    """Names, and what becomes of them in both cases."""
    named = {str(number): key for number, key in enumerate(KEYS)}
    for name, key in (named | {f"inherited {key}": key for key in _INHERITED_KEYS}).items():
        value = {key: 1, "outer": {key: [{key: 1}], "x": {key: {key: 2}}}}
        yield openapi_case(f"key/{name}", value)
        yield openapi_case(f"key/{name}, kept", value, options={"convertCase": False})
    for name, odd in {
        "camel first": {"aB": 1, "a_b": 2},
        "snake first": {"a_b": 1, "aB": 2},
        "between others": {"x": 0, "aB": 1, "y": 2, "a_b": 3, "z": 4},
        "numbers come first": {"b": 1, "aB": 2, "10": 3, "9": 4},
        "__proto__": {"__proto__": {"a": 1}, "b": 2},
    }.items():
        yield openapi_case(f"key/{name}", odd)
        yield openapi_case(f"key/{name}, nested", {"outer": odd})


def options() -> Iterator[Case]:
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
        yield openapi_case(
            f"options/{number}", {"imgUrl": "u", "c": {"dE": 1}}, options=options, reply=reply
        )
    wrong: Any
    for number, wrong in enumerate((None, [], "v2", 5, True)):
        yield openapi_case(f"options/no object {number}", {}, options=wrong)
    for path in ("openapi.a", "openapi.a.b.c.d", "openapi.customerServiceMessage.send"):
        yield Case(f"options/{path}", {"path": path, "args": [{"aB": 1}]}, [OK])


_TYPES = (
    "image/png", "image/jpeg", "image/jpg", "IMAGE/PNG", "image/png; charset=x", "image/gif",
    "image/webp", "image/bmp", "image/tiff", "image/heic", "application/pdf", "video/mp4",
    "audio/mpeg", "text/plain", "application/octet-stream", "image/svg+xml", "application/json",
    "application/zip", "text/html", "image/avif", "video/quicktime", "audio/wav", "", "x", "图/片",
    "toString", "image/x-icon", "application/xml", "audio/mp3", "image/vnd.adobe.photoshop",
)  # fmt: skip


def media() -> Iterator[Case]:
    """Files, and what only looks like one."""
    file = {"$buffer": PNG}
    for number, kind in enumerate(_TYPES):
        yield openapi_case(f"media/type-{number}", {"img": {"contentType": kind, "value": file}})
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
        "base64 value": {"contentType": "image/png", "value": PNG},
        "a buffer's JSON": {
            "contentType": "image/png",
            "value": {"type": "Buffer", "data": [1, 2]},
        },
        "nested": {"img": {"contentType": "image/png", "value": file}},
        "in an array": [{"contentType": "image/png", "value": file}],
        "the bytes themselves": file,
    }.items():
        yield openapi_case(f"media/{name}", {"type": "photo", "img": image})
        kept = {"convertCase": False}
        yield openapi_case(f"media/{name}, kept", {"img": image}, options=kept)
    yield openapi_case("media/key", {"myImgFile": {"contentType": "image/png", "value": file}})
    yield openapi_case(
        "media/uint8array", {"img": {"contentType": "image/png", "value": {"$bytes": PNG}}}
    )
    large = base64.b64encode(bytes(range(256)) * 2000).decode()
    yield openapi_case(
        "media/large", {"img": {"contentType": "image/png", "value": {"$buffer": large}}}
    )


def identity() -> Iterator[Case]:
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
        yield Case(f"identity/{name}", openapi_case("", {"aB": 1}).step, [OK], change)
        yield Case(
            f"identity/{name}, function",
            {"path": "callFunction", "args": [{"name": "f"}]},
            [json_reply({"requestId": "r", "data": {"response_data": "1"}})],
            change,
        )

"""Functions, storage and open data: calls and answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from openapi_shim.protocol import messages
from tests.conformance.differential.cases import (
    BIG,
    OPENAPI,
    OTHERS,
    PNG,
    SMALL,
    TEXTS,
    Case,
    json_reply,
    members,
    odd_gateway_answers,
    openapi_reply,
)
from tests.conformance.differential.gateway import Reply


def _invoked(result: str) -> Reply:
    return json_reply({"requestId": "request-1", "data": {"response_data": result}})


def functions(chance: random.Random) -> Iterator[Case]:
    """Events of all kinds, and arguments that are refused."""

    def call(name: str, *arguments: Any) -> Case:
        step = {"path": "callFunction", "args": list(arguments)}
        return Case(f"function/{name}", step, [_invoked("1")])

    for number in range(50):
        yield call(f"data-{number}", {"name": "f", "data": members(chance)})
    for number, value in enumerate((*TEXTS, *SMALL, *OTHERS)):
        yield call(f"single-{number}", {"name": "f", "data": {"value": value}})
    for number, value in enumerate(BIG):
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
    for number, wrong in enumerate((None, 5, "text", [], True, {"$buffer": PNG}, {"$date": 0})):
        yield call(f"wrong data-{number}", {"name": "f", "data": wrong})


def function_answers() -> Iterator[Case]:
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
    yield from odd_gateway_answers("function answer", "callFunction", [{"name": "f"}])


_GRANT = {
    "url": "{base}/object/a%20b.txt", "token": "tok", "authorization": "q-sign=1",
    "fileId": "cloud://e.b/a b.txt", "cosFileId": "Y29z", "download_url": "{base}/object/x",
}  # fmt: skip


def _upload_replies(body: bytes = b"", status: int = 200, kind: str = "text/plain") -> list[Reply]:
    return [json_reply({"requestId": "r", "data": _GRANT}), Reply(body, kind, status)]


def _listed(name: str, entries: list[dict[str, Any]]) -> Reply:
    return json_reply({"requestId": "r", "data": {name: entries}})


def storage() -> Iterator[Case]:
    """Uploads, downloads, URLs and deletions, with good and bad arguments."""

    def case(name: str, path: str, replies: Sequence[Reply], *arguments: Any) -> Case:
        return Case(f"storage/{path} {name}", {"path": path, "args": list(arguments)}, replies)

    content = {"$buffer": PNG}
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


def storage_answers() -> Iterator[Case]:
    def case(name: str, path: str, arguments: Any, *replies: Reply) -> Case:
        return Case(f"storage answer/{path} {name}", {"path": path, "args": [arguments]}, replies)

    upload = {"cloudPath": "a", "fileContent": {"$buffer": PNG}}
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
        yield from odd_gateway_answers(f"storage answer {path}", path, [arguments])


def open_data() -> Iterator[Case]:
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
    yield from odd_gateway_answers("open data", "getOpenData", [{"list": ["c1"]}])


def unreachable() -> Iterator[Case]:
    """Calls of all kinds to where nobody listens."""
    nowhere = {"TCB_CONTEXT_CNFG": '{"URL": "http://127.0.0.1:1/admin"}'}
    for path, arguments in {
        OPENAPI: {"imgUrl": "u"},
        "callFunction": {"name": "f"},
        "uploadFile": {"cloudPath": "a", "fileContent": {"$buffer": PNG}},
        "downloadFile": {"fileID": "cloud://e.b/a"},
        "getTempFileURL": {"fileList": ["a"]},
        "deleteFile": {"fileList": ["a"]},
        "getOpenData": {"list": ["c1"]},
    }.items():
        yield Case(f"unreachable/{path}", {"path": path, "args": [arguments]}, [], nowhere)

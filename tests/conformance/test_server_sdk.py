"""wx-server-sdk from npm in three generations, in Node functions and outside, on the emulator."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from openapi_shim.naming import snake_to_camel
from tests.conformance.clients import Emulator, NodeProcess, ServerSdk, step
from tests.conformance.conftest import PHOTO

API = "openapi.ocr.driverLicense"


def buffer(content: bytes) -> dict[str, str]:
    return {"$buffer": base64.b64encode(content).decode()}


@pytest.fixture(scope="module")
def fields(truth: dict[str, str]) -> dict[str, str]:
    """What the SDK makes of the licence's fields."""
    return {snake_to_camel(name): value for name, value in truth.items()}


# --- openapi ---


def test_a_licence_by_its_url(sdk: ServerSdk, fields: dict[str, str]) -> None:
    """The URL is a temporary one; the samples have one of a web server."""
    file = {"cloudPath": "驾驶证 1.jpg", "fileContent": buffer(PHOTO.read_bytes())}
    up = sdk.value("uploadFile", file)
    links = sdk.value("getTempFileURL", {"fileList": [up["fileID"]]})
    url = links["fileList"][0]["tempFileURL"]
    assert sdk.error(API, {"imgUrl": url})["errCode"] == 101000  # WeChat wants it encoded
    value = sdk.value(API, {"type": "photo", "imgUrl": quote(url, safe=":/?&=")})
    assert value == {**fields, "errMsg": f"{API}:ok", "errCode": 0}
    assert list(value)[-2:] == ["errMsg", "errCode"]


def test_a_licence_by_its_bytes(sdk: ServerSdk, fields: dict[str, str]) -> None:
    image = {"contentType": "image/png", "value": buffer(PHOTO.read_bytes())}
    value = sdk.value(API, {"type": "photo", "img": image})
    assert value == {**fields, "errMsg": f"{API}:ok", "errCode": 0}


def test_names_as_wechat_has_them_and_version_2(
    sdk: ServerSdk, photo_url: str, truth: dict[str, str]
) -> None:
    options = {"convertCase": False, "version": "v2"}
    value = sdk.value(API, {"img_url": photo_url}, options=options)
    assert value == {**truth, "errMsg": f"{API}:ok", "errCode": 0}


def test_what_wechat_refuses(sdk: ServerSdk) -> None:
    nothing = buffer(b"no image at all")
    outcomes = sdk.run(
        step(API, {"imgUrl": "http://127.0.0.1:1/none.jpg"}),
        step(API, {"type": "photo"}),
        step(API, {"img": {"contentType": "image/png", "value": nothing}}),
        step(API, {"img": nothing}),
        step(API, {"imgUrl": {"not": "a text"}}),
    )
    errors = [outcome["error"] for outcome in outcomes]
    assert [error["errCode"] for error in errors] == [101000, 41005, 101002, 41005, 101000]
    for error, text in zip(
        errors,
        ("invalid image url", "media data missing", "decode image failed", "media data missing"),
        strict=False,
    ):
        assert error["errMsg"].startswith(f"{API}:fail {text} hint: ["), error
        assert error["message"] == f"errCode: {error['errCode']}  | errMsg: {error['errMsg']}"


def test_an_unknown_operation(sdk: ServerSdk) -> None:
    for path in ("openapi.ocr.driverLicence", "openapi.no.such.thing", "openapi.single"):
        error = sdk.error(path, {})
        assert error["errCode"] == -604100
        assert error["errMsg"] == "system error: error code: -604100"
        assert error["message"] == (
            "errCode: -604100 API not found | errMsg: system error: error code: -604100"
        )


DENIED = {"errCode": -604101, "errMsg": "system error: error code: -604101"}


@pytest.mark.parametrize("major", ["4", "3", "2"])
def test_a_function_without_the_permission(emulator: Emulator, major: str) -> None:
    assert emulator.invoke(f"denied{major}", {}) == DENIED


def test_a_process_has_the_permissions_of_the_project(sdk: ServerSdk, photo_url: str) -> None:
    config = sdk.emulator.project / "config.json"
    allowed = config.read_text("utf-8")
    config.write_text(json.dumps({"permissions": {"openapi": []}}), "utf-8")
    try:
        (outcome,) = sdk.run(step(API, {"imgUrl": "http://127.0.0.1:1/"}))
    finally:
        config.write_text(allowed, "utf-8")
    expected = DENIED["errCode"] if sdk.place == "outside" else 101000
    assert outcome["error"]["errCode"] == expected


# --- functions ---

RESULTS: list[tuple[Any, Any]] = [
    ({"a": [1, None, {"中": "文"}]}, {"a": [1, None, {"中": "文"}]}),
    ([], []),
    (0, 0),
    (1.5, 1.5),
    (True, True),
    (None, None),
    ("plain text", "plain text"),
    ("", ""),
    ("123", 123),  # a text that is JSON is parsed once more
    ('{"a":1}', {"a": 1}),
    ("\U0001f600 \u2028", "\U0001f600 \u2028"),
]


@pytest.mark.parametrize("function", ["echo", "pyEcho"])
def test_results_of_functions(sdk: ServerSdk, function: str) -> None:
    calls = [step("callFunction", {"name": function, "data": {"value": v}}) for v, _ in RESULTS]
    for outcome, (_, expected) in zip(sdk.run(*calls), RESULTS, strict=True):
        value = outcome["value"]
        request_id = value.pop("requestID")
        assert request_id
        assert value == {"result": expected, "errMsg": "callFunction:ok"}


def test_a_function_that_answers_nothing(sdk: ServerSdk) -> None:
    value = sdk.value("callFunction", {"name": "echo", "data": {}})
    assert value["result"] is None


def failure(sdk: ServerSdk, error: dict[str, Any], code: str, number: int, name: str) -> str:
    """The platform's own message in *error*, whose shape each generation has of its own."""
    message: str
    if sdk.major == "4":
        assert (error["errCode"], error["code"]) == (-1, code)
        assert error["requestId"]
        message = error["errMsg"].removeprefix("callFunction:fail ")
        assert error["errMsg"] != message
        return message
    assert error["errCode"] == number
    begin = f"callFunction:fail {number} {name}. requestID "
    assert error["errMsg"].startswith(begin)
    return str(error["errMsg"].removeprefix(begin).partition(", ")[2])


@pytest.mark.parametrize(
    ("function", "kind"), [("throws", "TypeError"), ("pyThrows", "ValueError")]
)
def test_a_function_that_fails(sdk: ServerSdk, function: str, kind: str) -> None:
    data = {"message": "not 今天"}
    error = sdk.error("callFunction", {"name": function, "data": data})
    message = failure(sdk, error, "FUNCTIONS_EXECUTE_FAIL", -504002, "functions execute fail")
    assert "not 今天" in message
    assert kind in message


def test_what_a_function_throws_may_be_no_error(sdk: ServerSdk) -> None:
    for kind, text in (("object", '"errMsg":"seven"'), ("text", "only a text")):
        error = sdk.error("callFunction", {"name": "throws", "data": {"kind": kind}})
        message = failure(sdk, error, "FUNCTIONS_EXECUTE_FAIL", -504002, "functions execute fail")
        assert text in message.replace(" ", "") or text in message


def test_a_function_that_is_too_slow(sdk: ServerSdk) -> None:
    error = sdk.error("callFunction", {"name": "slow"})
    message = failure(sdk, error, "FUNCTIONS_TIME_LIMIT_EXCEEDED", -501001, "resource system error")
    assert "timed out after 1 seconds" in message


def test_a_caller_that_will_not_wait(sdk: ServerSdk) -> None:
    error = sdk.error("callFunction", {"name": "slow", "timeout": 100})
    assert error["errCode"] == -1
    assert error["code"] in {"ESOCKETTIMEDOUT", "ETIMEDOUT"}
    texts = {"4": {"request timeout", "connect timeout"}}
    text = error["errMsg"].removeprefix("callFunction:fail ")
    assert text in texts.get(sdk.major, {error["code"]})


def test_a_function_that_is_not_there(sdk: ServerSdk) -> None:
    error = sdk.error("callFunction", {"name": "echoo"})
    message = failure(sdk, error, "FUNCTION_NOT_FOUND", -501001, "resource system error")
    assert message == "FunctionName parameter could not be found."


def test_a_function_calls_a_function(sdk: ServerSdk) -> None:
    inner = [step("getWXContext")]
    value = sdk.value("callFunction", {"name": f"caller{sdk.major}", "data": {"steps": inner}})
    (outcome,) = value["result"]
    context = outcome["value"]
    assert context["APPID"] == "wx0000000000000000"
    assert context["SOURCE"].split(",")[-1] == "scf"


def test_errors_through_two_functions(sdk: ServerSdk) -> None:
    inner = [step("callFunction", {"name": "throws", "data": {"message": "deep"}})]
    value = sdk.value("callFunction", {"name": f"caller{sdk.major}", "data": {"steps": inner}})
    (outcome,) = value["result"]
    assert "deep" in outcome["error"]["errMsg"]
    assert outcome["sync"] is False


# --- storage ---

NAMES = ["plain.txt", "目录/文件 é.txt", "\U0001f600/with blank+plus&.bin"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_up_and_down_and_gone(sdk: ServerSdk, name: str) -> None:
    path = f"{sdk.place}-{sdk.major}/{name}"
    content = bytes(range(256)) + "内容".encode()
    up = sdk.value("uploadFile", {"cloudPath": path, "fileContent": buffer(content)})
    file_id = up["fileID"]
    assert up == {"fileID": file_id, "statusCode": -1, "errMsg": "uploadFile:ok"}
    assert file_id.startswith("cloud://")
    assert file_id.endswith(f"/{path}")

    down = sdk.value("downloadFile", {"fileID": file_id})
    assert down == {"fileContent": buffer(content), "statusCode": 200, "errMsg": "downloadFile:ok"}

    links = sdk.value("getTempFileURL", {"fileList": [file_id, {"fileID": file_id, "maxAge": 60}]})
    first, second = links["fileList"]
    assert (links["errMsg"], first["status"], first["errMsg"]) == ("getTempFileURL:ok", 0, "ok")
    assert first["fileID"] == file_id
    assert second["maxAge"] == 60
    assert first["tempFileURL"].startswith(sdk.emulator.url)
    assert path in first["tempFileURL"]  # not percent-encoded: the SDKs do that

    gone = sdk.value("deleteFile", {"fileList": [file_id]})
    assert gone["fileList"] == [{"fileID": file_id, "status": 0, "errMsg": "ok"}]
    again = sdk.value("deleteFile", {"fileList": [file_id]})
    assert again["fileList"] == [
        {"fileID": file_id, "status": -503003, "errMsg": "storage file not exists"}
    ]


def test_an_empty_file(sdk: ServerSdk) -> None:
    path = f"{sdk.place}-{sdk.major}/empty"
    up = sdk.value("uploadFile", {"cloudPath": path, "fileContent": buffer(b"")})
    down = sdk.value("downloadFile", {"fileID": up["fileID"]})
    assert down["fileContent"] == {"$buffer": ""}


def test_a_file_from_a_stream(sdk: ServerSdk) -> None:
    path = f"{sdk.place}-{sdk.major}/photo.jpg"
    stream = {"$stream": str(PHOTO)}
    up = sdk.value("uploadFile", {"cloudPath": path, "fileContent": stream})
    down = sdk.value("downloadFile", {"fileID": up["fileID"]})
    assert down["fileContent"] == buffer(PHOTO.read_bytes())


def test_files_that_are_not_there(sdk: ServerSdk) -> None:
    up = sdk.value("uploadFile", {"cloudPath": "here.txt", "fileContent": buffer(b"x")})
    missing = up["fileID"].replace("here.txt", "缺.txt")
    error = sdk.error("downloadFile", {"fileID": missing})
    assert error["errMsg"].startswith("downloadFile:fail ")
    assert "storage file not exists" in error["errMsg"]
    if sdk.major == "4":
        assert (error["errCode"], error["code"]) == (-1, "STORAGE_FILE_NONEXIST")
    else:
        assert error["errCode"] == -503003
    links = sdk.value("getTempFileURL", {"fileList": [up["fileID"], missing]})
    statuses = [(item["fileID"], item["status"], item["errMsg"]) for item in links["fileList"]]
    assert statuses == [
        (up["fileID"], 0, "ok"),
        (missing, -503003, "storage file not exists"),
    ]
    assert links["fileList"][1]["tempFileURL"] == ""


def test_paths_that_lead_elsewhere(sdk: ServerSdk) -> None:
    for path in ("../up.txt", "/absolute.txt", "a/../../b", "a//b", ""):
        error = sdk.error("uploadFile", {"cloudPath": path, "fileContent": buffer(b"x")})
        assert error["errMsg"].startswith("uploadFile:fail "), (path, error)


# --- the rest ---


def test_the_context(sdk: ServerSdk) -> None:
    context = sdk.value("getWXContext")
    assert context["APPID"] == "wx0000000000000000"
    assert context["ENV"]
    assert "API_TOKEN" not in context


def test_open_data(sdk: ServerSdk) -> None:
    value = sdk.value("getOpenData", {"list": ["local-phone-number", "unknown"]})
    assert (value["errMsg"], value["errCode"]) == ("getOpenData:ok", 0)
    phone, unknown = value["list"]
    assert phone["cloudID"] == "local-phone-number"
    assert phone["data"]["purePhoneNumber"] == "19900000000"
    assert phone["data"]["watermark"]["appid"] == "wx0000000000000000"
    assert (unknown["cloudID"], unknown["errCode"]) == ("unknown", -601005)
    assert sdk.error("getOpenData", {})["errMsg"] == "getOpenData:fail list must be provided"


def test_signatures(sdk: ServerSdk) -> None:
    voip = {"groupId": "g", "timestamp": 1, "nonce": "n"}
    for path, asked in (("getVoIPSign", voip), ("getCloudCallSign", {"parameterList": ["a"]})):
        value = sdk.value(path, asked)
        assert value["errMsg"] == f"{path}:ok"
        assert value["signature"]


def test_the_old_way_to_call(sdk: ServerSdk) -> None:
    data = {"img_url": "http://127.0.0.1:1/none.jpg"}
    value = sdk.value("callOpenAPI", {"api": "ocr.driverLicense", "data": data})
    assert value["errMsg"] == "callOpenAPI:ok"
    assert value["result"]["errcode"] == 101000


def test_the_log(sdk: ServerSdk) -> None:
    for name in ("log", "info", "warn", "error"):
        said = f"{name} of {sdk.place} {sdk.major} 日志"
        (outcome,) = sdk.run(step(f"logger().{name}", {"said": said}))
        assert "error" not in outcome
        if sdk.place == "inside":
            assert said in sdk.emulator.log.read_text("utf-8")
    (outcome,) = sdk.run(step("logger().info", "no object"))
    assert "log msg must be an object" in outcome["error"]["message"]


BEFORE_INIT = [
    step(API, {}),
    step("callFunction", {"name": "echo"}),
    step("uploadFile", {}),
    step("downloadFile", {}),
    step("getTempFileURL", {}),
    step("deleteFile", {}),
    step("getOpenData", {}),
]


@pytest.mark.parametrize("major", ["4", "3", "2"])
def test_before_init(emulator: Emulator, major: str) -> None:
    process = NodeProcess(
        "server_sdk.js", f"wx-server-sdk-{major}", environment=emulator.environment()
    )
    try:
        outcomes = process.run(BEFORE_INIT)
        context = process.run([step("getWXContext")])
    finally:
        process.close()
    for outcome in outcomes:
        assert outcome["sync"] is True
        assert outcome["error"]["errCode"] == -1
        assert outcome["error"]["errMsg"].startswith(
            "Cloud API isn't enabled, please call init first\n请先调用 init"
        )
    assert context[0]["value"]["ENV"]


def test_a_process_with_a_forged_token(emulator: Emulator) -> None:
    """The negative control of all the calls from inside: the token decides."""
    listed = {"WX_API_TOKEN": "forged", "WX_CONTEXT_KEYS": "WX_API_TOKEN"}
    process = NodeProcess(
        "server_sdk.js", "wx-server-sdk-4", environment=emulator.environment() | listed
    )
    try:
        _, openapi, function = process.run(
            [step("init", {}), step(API, {}), step("callFunction", {"name": "echo"})]
        )
    finally:
        process.close()
    assert openapi["error"]["errCode"] == -604104
    assert function["error"]["code"] == "INVALID_REQUEST_SOURCE"

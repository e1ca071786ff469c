"""@cloudbase/js-sdk from npm on the emulator, in both modes: in Node and in a browser's page."""

from __future__ import annotations

import base64
import json
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from tests.conformance.clients import Emulator, NodeProcess, Outcome, Step, step

LOGIN = step("auth.signInAnonymously", {}, quiet=True)
CONTENT = "内容 of a file"


@dataclass(frozen=True)
class ClientSdk:
    """The SDK at one place, ``node`` or ``page``, in one of its modes."""

    place: str
    mode: str
    process: NodeProcess
    host: str

    def run(self, *steps: Step) -> list[Outcome]:
        """The outcomes of *steps*; in a browser each time on a new page."""
        if self.place == "node":
            return self.process.run(list(steps))
        arguments = (self.host, self.mode, steps)
        result: list[Outcome] = on_page(self.process, "localhost", "runSteps", *arguments)
        return result

    def upload(self, path: str, method: str = "put") -> Outcome:
        """The outcome of an upload of ``CONTENT``."""
        if self.place == "page":
            content: dict[str, Any] = {"filePath": {"$file": CONTENT}}
        else:
            packed = base64.b64encode(CONTENT.encode()).decode()
            content = {"fileContent": {"$buffer": packed}}
        file = {"cloudPath": path, "method": method, **content}
        return self.run(LOGIN, step("uploadFile", file))[1]


def on_page(browser: NodeProcess, site: str, name: str, *arguments: Any) -> Any:
    """What the function *name* of the page answers, opened as one of *site*."""
    return browser.ask({"site": site, "call": name, "args": arguments})


def call(name: str, **data: Any) -> Step:
    return step("callFunction", {"name": name, "data": data})


@pytest.fixture(scope="module")
def browser(node_modules: object) -> Iterator[NodeProcess]:
    """Headless Chromium."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is missing: install it with `sudo make system`")
    process = NodeProcess("browser.js", executable, environment={})
    yield process
    process.close()


@pytest.fixture(params=[(p, m) for p in ("node", "page") for m in ("GATEWAY", "CLOUD_API")])
def sdk(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[ClientSdk]:
    """The SDK at every place and in every mode; in Node in a fresh process for each test."""
    place, mode = request.param
    host = emulator.url.removeprefix("http://")
    if place == "page":
        yield ClientSdk(place, mode, request.getfixturevalue("browser"), host)
        return
    process = NodeProcess("client_sdk.js", host, mode, environment={})
    yield ClientSdk(place, mode, process, host)
    process.close()


def test_functions(sdk: ClientSdk) -> None:
    values: list[Any] = [{"a": [1, None, "中"]}, "text", "", 0, False, None, [], "\U0001f600"]
    functions = ("echo", "pyEcho")
    calls = [call(name, value=value) for name in functions for value in values]
    _, *outcomes = sdk.run(LOGIN, *calls)
    for outcome, expected in zip(outcomes, values * 2, strict=True):
        assert outcome["value"]["result"] == expected, outcome
        assert outcome["value"]["requestId"]


def test_functions_that_fail(sdk: ClientSdk) -> None:
    _, *outcomes = sdk.run(LOGIN, call("throws", message="not 今天"), call("echoo"), call("slow"))
    missing = "FunctionName parameter could not be found."
    told = [
        ("TypeError: not 今天", "FUNCTION_INVOCATION_FAILED", "FUNCTIONS_EXECUTE_FAIL"),
        (missing, "FUNCTION_NOT_FOUND", "FUNCTION_NOT_FOUND"),
        ("after 1 seconds", "FUNCTION_TIME_LIMIT_EXCEEDED", "FUNCTIONS_TIME_LIMIT_EXCEEDED"),
    ]
    for outcome, (text, v1_code, code) in zip(outcomes, told, strict=True):
        if (sdk.place, sdk.mode) == ("node", "GATEWAY"):  # an error is a result, only there
            assert outcome["value"]["code"] == v1_code
            assert text in outcome["value"]["message"]
        elif sdk.mode == "GATEWAY":
            assert text in outcome["error"]["message"]
        else:
            error = json.loads(outcome["error"]["message"])
            assert error["code"] == "OPERATION_FAIL"
            assert error["msg"].startswith(f"[{code}] ")
            assert text in error["msg"]


def test_nothing_without_login(sdk: ClientSdk) -> None:
    """The negative control of the others: they all log in."""
    before, _, after = sdk.run(call("echo", value=1), LOGIN, call("echo", value=1))
    if (sdk.place, sdk.mode) == ("node", "GATEWAY"):  # only there the request is sent
        assert before["value"]["code"] == "MISSING_CREDENTIALS"
    else:
        assert "value" not in before
    assert after["value"]["result"] == 1


def test_who_calls(sdk: ClientSdk) -> None:
    _, outcome = sdk.run(LOGIN, call("context", own=1))
    result = outcome["value"]["result"]
    assert result["event"] == {"own": 1}
    environment = json.loads(result["context"]["environment"])
    assert environment["TCB_SOURCE"] == "web_client"
    assert environment["TCB_ISANONYMOUS_USER"] == "true"
    assert environment["TCB_UUID"]
    assert result["context"]["namespace"] == "conf-env"


@pytest.mark.parametrize("method", ["put", "post"])
def test_files(sdk: ClientSdk, method: str) -> None:
    path = f"{sdk.place}/{sdk.mode}/目录 é-{method}.txt"
    file_id = sdk.upload(path, method)["value"]["fileID"]
    assert file_id.endswith(f"/{path}")
    missing = file_id.replace(".txt", ".none")
    both = {"fileList": [file_id, missing]}
    _, links = sdk.run(LOGIN, step("getTempFileURL", both))
    first, second = links["value"]["fileList"]
    assert (first["code"], second["code"]) == ("SUCCESS", "STORAGE_FILE_NONEXIST")
    assert fetched(first["tempFileURL"]) == CONTENT.encode()

    delete = step("deleteFile", both)
    _, gone, again = sdk.run(LOGIN, delete, delete)
    codes = [[item["code"] for item in outcome["value"]["fileList"]] for outcome in (gone, again)]
    none = "STORAGE_FILE_NONEXIST"
    assert codes == [["SUCCESS", none], [none, none]]


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(quote(url, safe=":/?&=")) as response:  # noqa: S310 - http
        content: bytes = response.read()
    return content


def test_paths_that_lead_elsewhere(sdk: ClientSdk) -> None:
    assert "INVALID_PARAM" in sdk.upload("../up.txt")["error"]["message"]


@pytest.mark.parametrize("site", ["localhost", "127.0.0.1"])
def test_a_page_of_this_machine_is_let_in(
    browser: NodeProcess, emulator: Emulator, site: str
) -> None:
    """Another port is another origin: the browser asks first, and hides what is not allowed."""
    url = f"{emulator.url}/v1/functions/echo"
    assert on_page(browser, site, "ask", url) == "read: 200"


def test_a_page_from_elsewhere_is_refused(browser: NodeProcess, emulator: Emulator) -> None:
    url = f"{emulator.url}/v1/functions/echo"
    assert on_page(browser, "shop.example", "ask", url) == "refused: TypeError"
    host = emulator.url.removeprefix("http://")
    for mode in ("GATEWAY", "CLOUD_API"):
        steps = [LOGIN, call("echo", value=1)]
        _, outcome = on_page(browser, "shop.example", "runSteps", host, mode, steps)
        assert "credentials not found" in outcome["error"]["message"]
    log = emulator.log.read_text("utf-8")
    assert "pages of http://shop.example:" in log
    assert "OPTIONS /v1/functions/echo" in log

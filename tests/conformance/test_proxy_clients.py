"""Clients with WeChat's address built in, unmodified: the emulator is their HTTPS proxy."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.clients import Emulator, bare_environment
from tests.conformance.conftest import PHOTO
from tests.conformance.packages import python_of

SCRIPTS = Path(__file__).parent / "python"
Client = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def client(emulator: Emulator, photo_url: str) -> Client:
    """Runs a script under the packages of a lock file, with nothing set but the proxy."""
    environment = {**bare_environment(), **emulator.environment("--proxy")}

    def run(packages: str, script: str) -> dict[str, Any]:
        done = subprocess.run(
            [python_of(packages), SCRIPTS / script, PHOTO, photo_url],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    return run


def read(answer: dict[str, Any]) -> dict[str, str]:
    """The licence in an answer."""
    assert answer.pop("errcode") == 0, answer
    answer.pop("errmsg")
    return answer


@pytest.mark.parametrize(
    ("packages", "version"), [("wechatpy1", "1.8.18"), ("wechatpy2", "2.0.0a26")]
)
def test_wechatpy(client: Client, truth: dict[str, str], packages: str, version: str) -> None:
    told = client(packages, "by_wechatpy.py")
    assert told["version"] == version
    assert [read(answer) for answer in told["answers"]] == [truth, truth]
    assert told["function"] == {"say": "好"}


def test_py_wechat_tools(client: Client, truth: dict[str, str]) -> None:
    told = client("tools", "by_tools.py")
    assert told["version"] == "0.1.0"
    assert [read(answer) for answer in told["answers"]] == [truth]


def test_requests_httpx_and_aiohttp(client: Client, truth: dict[str, str]) -> None:
    told = client("http", "by_http.py")
    assert [read(answer) for answer in told["answers"]] == [truth] * 3


def test_curl(emulator: Emulator) -> None:
    def curl(url: str, *more: str) -> str:
        return subprocess.run(
            ["curl", "--silent", "--show-error", *more, url],
            env={**bare_environment(), **emulator.environment("--proxy")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    query = "grant_type=client_credential&appid=wx0000000000000000&secret=local"
    token = json.loads(curl(f"https://api.weixin.qq.com/cgi-bin/token?{query}"))["access_token"]
    path = f"https://api.weixin.qq.com/cv/ocr/drivinglicense?access_token={token}"
    # HTTP/1.0 in CONNECT is what urllib3 sends; curl can be told to.
    for version in ("--http1.1", "--proxy1.0"):
        more = [version, emulator.url] if version == "--proxy1.0" else [version]
        assert json.loads(curl(path, *more, "--form", f"img=@{PHOTO}"))["errcode"] == 0


def test_without_the_authority_nobody_is_deceived(emulator: Emulator) -> None:
    environment = bare_environment()
    environment["HTTPS_PROXY"] = emulator.url
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "https://api.weixin.qq.com/cgi-bin/token"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 60, done.stderr  # curl: the peer's certificate is not trusted

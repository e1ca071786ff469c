"""Functions found, loaded and called."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from openapi_shim import cloud
from openapi_shim.errors import ConfigError
from openapi_shim.hosting.function import ResultError, json_text, load_function, wx_caller


def write(folder: Path, code: str) -> Path:
    """A function's folder with *code* in it; the folder of the functions."""
    folder.mkdir(parents=True)
    (folder / "index.py").write_text(code, encoding="utf-8")
    return folder.parent


ECHO = "def main(event, context):\n    return [event, context]\n"
LATER = "async def main(event, context):\n    return [event, context]\n"


@pytest.mark.parametrize("code", [ECHO, LATER], ids=["sync", "async"])
def test_a_folder(tmp_path: Path, code: str) -> None:
    function = load_function("echo", write(tmp_path / "echo", code))
    assert function.call({"a": 1}, {"request_id": "r"}, {}) == [{"a": 1}, {"request_id": "r"}]
    assert Path.cwd() == tmp_path / "echo"
    assert os.environ["OPENAPI_SHIM_FUNCTION_DIR"] == str(tmp_path / "echo")


def test_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "functions" / "echo", ECHO)
    monkeypatch.chdir(tmp_path)
    assert load_function("echo", Path("functions")).call(1, {}, {}) == [1, {}]


def test_modules_beside_the_function(tmp_path: Path) -> None:
    root = write(tmp_path / "echo", "from hosted_near import main\n")
    (tmp_path / "echo" / "hosted_near.py").write_text(ECHO, encoding="utf-8")
    assert load_function("echo", root).call(1, {}, {}) == [1, {}]


def test_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hosted_module.py").write_text(ECHO.replace("main", "serve"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert load_function("hosted_module:serve", Path("none")).call(1, {}, {}) == [1, {}]
    assert os.environ["OPENAPI_SHIM_FUNCTION_DIR"] == str(tmp_path)


def test_a_folder_named_by_the_user_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_FUNCTION_DIR", "/elsewhere")
    load_function("echo", write(tmp_path / "echo", ECHO))
    assert os.environ["OPENAPI_SHIM_FUNCTION_DIR"] == "/elsewhere"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ecko", "no function 'ecko': looked for .*/ecko/index.py; functions found there: echo"),
        ("../echo", "no function '../echo'"),
        ("", "no function ''"),
        ("hosted_absent:main", "no module 'hosted_absent' on the path"),
        ("openapi_shim.absent:main", "no module 'openapi_shim.absent' on the path"),
        (":main", "name it as module:attribute"),
        ("json:nothing", r"json has no function nothing\(event, context\); found: .*dumps"),
        ("json:loads", None),
        ("json:detect_encoding", r"cannot be called as main\(event, context\)"),
    ],
)
def test_what_cannot_be_found_is_told(tmp_path: Path, name: str, text: str | None) -> None:
    root = write(tmp_path / "echo", ECHO)
    if text is None:
        text = "cannot be called as main"
    with pytest.raises(ConfigError, match=text):
        load_function(name, root)


def test_a_folder_without_main(tmp_path: Path) -> None:
    root = write(tmp_path / "echo", "def handler(event, context):\n    return 1\n")
    with pytest.raises(ConfigError, match=r"index.py has no function main.*; found: handler"):
        load_function("echo", root)


def test_no_functions_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="functions found there: none"):
        load_function("echo", tmp_path / "absent")


def test_a_missing_package_is_not_taken_for_a_missing_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hosted_needy.py").write_text("import hosted_package\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="hosted_package"):
        load_function("hosted_needy:main", tmp_path)


def test_the_caller_is_known_during_the_call_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WX_CONTEXT_KEYS", raising=False)
    code = (
        "from openapi_shim import cloud\ncloud.init()\n\n\n"
        "async def main(event, context):\n    return cloud.getWXContext()\n"
    )
    function = load_function("who", write(tmp_path / "who", code))
    caller = wx_caller({"OPENID": "arn:aws:iam::1:role/x", "APPID": "", "SOURCE": "aws_http"})
    assert function.call({}, {}, caller) == {
        "OPENID": "arn:aws:iam::1:role/x",
        "SOURCE": "aws_http",
        "ENV": "",
    }
    cloud.init()
    assert cloud.getWXContext() == {}


def test_nobody_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WX_CONTEXT_KEYS", "WX_OPENID")
    monkeypatch.setenv("WX_OPENID", "of another caller")
    code = (
        "from openapi_shim import cloud\ncloud.init()\n\n\n"
        "def main(event, context):\n    return cloud.getWXContext()\n"
    )
    function = load_function("who", write(tmp_path / "who", code))
    assert "OPENID" not in function.call({}, {}, wx_caller({"SOURCE": "aws_event"}))


def test_an_asynchronous_function_is_cancelled_in_time(tmp_path: Path) -> None:
    code = "import asyncio\n\n\nasync def main(event, context):\n    await asyncio.Event().wait()\n"
    function = load_function("slow", write(tmp_path / "slow", code))
    with pytest.raises(asyncio.TimeoutError):
        function.call({}, {}, {}, timeout=0.01)


@pytest.mark.parametrize("result", [{1, 2}, float("nan"), b"bytes", object()])
def test_a_result_beyond_json_names_its_type(result: Any) -> None:
    with pytest.raises(ResultError, match=rf"echo returned {type(result).__name__}, which"):
        json_text("echo", result)


def test_a_result_in_json() -> None:
    assert json_text("echo", {"name": "张三", "n": 1.5}) == '{"name": "张三", "n": 1.5}'


def test_hosting_loads_no_http_library() -> None:
    """What a synchronous function does not use, its start does not pay for."""
    import subprocess

    code = "import sys, openapi_shim.hosting.function; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""The adapter that stands in front of a function on SCF."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.errors import ConfigError
from openapi_shim.hosting import loop
from openapi_shim.scf.handler import Handler, make_handler

ROOT = Path(__file__).parents[3]


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of functions; what loading one changes in the process is undone."""
    path, module, here = list(sys.path), sys.modules.get("index"), Path.cwd()
    monkeypatch.delenv("OPENAPI_SHIM_FUNCTION_DIR", raising=False)
    for name in [name for name in os.environ if name.startswith(("WX_", "TCB_"))]:
        monkeypatch.delenv(name)
    yield tmp_path
    sys.path[:] = path
    sys.modules.pop("index", None)
    if module is not None:
        sys.modules["index"] = module
    os.chdir(here)
    os.environ.pop("OPENAPI_SHIM_FUNCTION_DIR", None)
    if loop._loop is not None:
        loop._loop.close()
        loop._loop = None
    asyncio.set_event_loop(None)


def handler(functions: Path, code: str) -> Handler:
    folder = functions / "f"
    folder.mkdir()
    (folder / "index.py").write_text(code, "utf-8")
    return make_handler("f", functions)


def context(openid: str = "o1", **more: Any) -> dict[str, Any]:
    environment = {"WX_CONTEXT_KEYS": "WX_OPENID", "WX_OPENID": openid, "TCB_SOURCE": "wx_client"}
    return {"request_id": "r1", "environment": json.dumps(environment), **more}


WHO = """
from openapi_shim import cloud

{keyword}def main(event, context):
    return [event, context.get("request_id"), cloud.getWXContext().get("OPENID")]
"""


@pytest.mark.parametrize("keyword", ["", "async "])
def test_main_is_called_with_what_the_platform_gives(functions: Path, keyword: str) -> None:
    call = handler(functions, WHO.format(keyword=keyword))
    timer = {"Type": "Timer", "TriggerName": "every day", "Time": "2026-11-22T00:00:00Z"}
    assert call(timer, context()) == [timer, "r1", "o1"]
    assert call({}, context("o2"))[2] == "o2"


@pytest.mark.parametrize("keyword", ["", "async "])
def test_an_event_cannot_say_who_calls(functions: Path, keyword: str) -> None:
    call = handler(functions, WHO.format(keyword=keyword))
    forged = {"userInfo": {"openId": "victim", "appId": "wx1"}}
    assert call(forged, {"request_id": "r"}) == [forged, "r", None]
    assert call(forged, context("o1"))[2] == "o1"


def test_the_loop_stays_warm(functions: Path) -> None:
    call = handler(
        functions,
        "import asyncio\nasync def main(event, context):\n"
        "    return id(asyncio.get_running_loop())\n",
    )
    assert call({}, {}) == call({}, {})


def test_a_failure_is_the_platform_s_to_tell_and_the_next_call_works(functions: Path) -> None:
    call = handler(functions, "async def main(event, context):\n    return 1 / event\n")
    with pytest.raises(ZeroDivisionError):
        call(0, context())
    assert call(1, context()) == 1


def test_callers_at_the_same_time_do_not_mix(functions: Path) -> None:
    call = handler(
        functions,
        "import asyncio\nfrom openapi_shim import cloud\n"
        "async def main(event, context):\n"
        "    before = cloud.getWXContext()['OPENID']\n"
        "    await asyncio.sleep(0.002)\n"
        "    return before, cloud.getWXContext()['OPENID']\n",
    )
    answers: dict[str, Any] = {}

    def one(openid: str) -> None:
        answers[openid] = call({}, context(openid))

    threads = [threading.Thread(target=one, args=(f"o{n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {f"o{n}": (f"o{n}", f"o{n}") for n in range(16)}


@pytest.mark.parametrize("odd", [None, "context", 7])
def test_a_context_of_another_kind_is_passed_on(functions: Path, odd: object) -> None:
    call = handler(functions, "def main(event, context):\n    return context\n")
    assert call({}, odd) == odd


def test_a_function_that_cannot_be_loaded_says_why(functions: Path) -> None:
    with pytest.raises(ConfigError, match=r"no function main\(event, context\); found: handler"):
        handler(functions, "def handler(event, context):\n    return 1\n")


def test_the_platform_gets_the_adapter_and_not_the_function_s_own_index(tmp_path: Path) -> None:
    """It imports ``index`` by name; a function's module of that name must not take its place."""
    folder = tmp_path / "functions" / "f"
    folder.mkdir(parents=True)
    (folder / "index.py").write_text("async def main(event, context):\n    return 'answer'\n")
    (tmp_path / "index.py").write_text(
        "from pathlib import Path\n"
        "from openapi_shim.scf.handler import make_handler\n"
        "main = make_handler('f', Path(__file__).parent / 'functions')\n"
    )
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\n"
        "import importlib\n"
        "print(importlib.import_module('index').main({}, {}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "answer\n"

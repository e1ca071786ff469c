"""The testing kit as its users meet it: in a project of their own, and piece by piece."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.errors import CloudError, ConfigError, ControlError
from openapi_shim.sdk.cloud import Cloud
from openapi_shim.testing import Call, Photo, WeChat, invoke_function

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "testing"

Invoke = Callable[..., Any]


def run_pytest(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in *project*, as its developer runs it."""
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_project(tmp_path: Path) -> None:
    project = shutil.copytree(EXAMPLE, tmp_path / "project")
    done = run_pytest(project)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "10 passed" in done.stdout
    left = {path.name for path in project.iterdir()} - {"__pycache__"}
    assert left == {"functions", "tests", "config.json", "pytest.ini", "README.md"}


def test_a_run_of_pytest_without_its_fixtures_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    heavy = {'aiohttp', 'pydantic', 'openapi_shim.emulator', 'openapi_shim.sdk'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    # Plugins of others may load aiohttp: only ours is to be seen.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "openapi_shim.testing.plugin"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    """Functions of all kinds."""
    sources = {
        "plain": "def main(event, context):\n    return {'got': event, 'in': __file__}\n",
        "calls": (
            "from openapi_shim import cloud\n"
            "cloud.init()\n"
            "async def main(event, context):\n"
            "    r = await cloud.openapi.ocr.driverLicense({'img': event['img']})\n"
            "    return {'name': r['name'], 'context': cloud.getWXContext()}\n"
        ),
        "neighbour": "import near\n\ndef main(event, context):\n    return near.VALUE\n",
        "fails": "def main(event, context):\n    raise KeyError('gone')\n",
        "answers": "def main(event, context):\n    return {1, 2}\n",
    }
    for name, source in sources.items():
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "index.py").write_text(source)
        (folder / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    (tmp_path / "functions" / "neighbour" / "near.py").write_text("VALUE = 7\n")
    return tmp_path / "functions"


@pytest.fixture
def invoke(functions: Path, wechat: WeChat, nothing_changes: None) -> Invoke:
    def call(name: str, event: Any = None, **named: Any) -> Any:
        return invoke_function(
            name, event, functions_dir=functions, settings=wechat.settings, **named
        )

    return call


@pytest.fixture
def nothing_changes() -> Iterator[None]:
    """A function leaves the process as it was."""

    def state() -> tuple[object, ...]:
        environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        return Path.cwd(), list(sys.path), environ, sys.modules.get("near")

    before = state()
    yield
    assert state() == before


def test_the_event_goes_through_json(invoke: Invoke) -> None:
    answer = invoke("plain", {"img": b"\x00\xff", "keys": {"a": (1, 2)}})
    assert answer["got"] == {"img": {"type": "Buffer", "data": [0, 255]}, "keys": {"a": [1, 2]}}
    assert answer["in"].endswith("plain/index.py")
    with pytest.raises(TypeError, match="an event cannot hold object"):
        invoke("plain", {"what": object()})


def test_who_calls_and_with_which_photo(invoke: Invoke, wechat: WeChat, specimen: Any) -> None:
    wechat.recognizer.returns({"name": "张三"})
    photo: Photo = specimen()
    told = invoke("calls", {"img": photo.img_event}, openid="me", caller={"UNIONID": "u"})
    assert told["name"] == "张三"
    assert told["context"]["OPENID"] == "me"
    assert told["context"]["UNIONID"] == "u"
    assert Call("ocr.driverLicense", appid="wx0000000000000000") in wechat.calls()
    with pytest.raises(CloudError) as caught:
        invoke("calls", {"img": photo.img_event}, permissions=["ocr.idcard"])
    assert caught.value.errCode == -604101


async def test_from_an_asynchronous_test(invoke: Invoke, wechat: WeChat, specimen: Any) -> None:
    wechat.recognizer.refuses(101002)
    with pytest.raises(CloudError) as caught:
        invoke("calls", {"img": specimen().img_event})
    assert caught.value.errCode == 101002


def test_modules_beside_the_function(invoke: Invoke, functions: Path) -> None:
    assert invoke("neighbour") == 7
    (functions / "neighbour" / "near.py").write_text("VALUE = 12345\n")
    assert invoke("neighbour") == 12345  # loaded anew


def test_what_a_function_does_wrong(invoke: Invoke) -> None:
    with pytest.raises(KeyError, match="gone"):
        invoke("fails")
    with pytest.raises(TypeError, match="answers returned set"):
        invoke("answers")
    with pytest.raises(ConfigError, match="functions found there: answers, calls"):
        invoke("nobody")


def test_assertions_tell_what_was_called(wechat: WeChat) -> None:
    with pytest.raises(AssertionError, match=r"ocr.idcard was not called; called were: nothing"):
        wechat.assert_called("ocr.idcard")
    with pytest.raises(AssertionError, match="was called 0, not 2 times"):
        wechat.assert_called("token", times=2)


def test_what_the_controls_refuse(wechat: WeChat) -> None:
    with pytest.raises(ControlError, match="no span of time"):
        wechat.clock.advance("soon")
    with pytest.raises(ControlError, match="'nane' is no field"):
        wechat.recognizer.returns(nane="张三")
    with pytest.raises(ControlError, match="101001 or 101002"):
        wechat.recognizer.refuses(45009)
    with pytest.raises(ControlError, match="'calm' is no preset"):
        wechat.faults.add("calm")


@pytest.mark.parametrize("process", [False, True], ids=["thread", "process"])
def test_nothing_is_left_behind(process: bool) -> None:
    before = set(threading.enumerate())
    with WeChat(process=process) as running:
        folder = running._folder
        running.faults.add(errcode=-1)
        assert running.faults.counts() == {"rule-1": 0}
        running.reset()
        assert running.faults.counts() == {}
        assert folder.exists()
    assert not folder.exists()
    for thread in set(threading.enumerate()) - before:  # told to end, and ending
        thread.join(30)
        assert not thread.is_alive(), thread
    with pytest.raises(ControlError, match="does not answer"):
        running.clock.now()


@pytest.mark.parametrize("process", [False, True], ids=["thread", "process"])
def test_an_emulator_that_cannot_start_says_why(process: bool) -> None:
    with pytest.raises(Exception, match=r"(?i)daily_quota"):
        WeChat(process=process, daily_quota="many")


async def test_the_sdk_of_a_test(cloud: Cloud, wechat: WeChat, specimen: Any) -> None:
    wechat.recognizer.returns(name="李四")
    answer = await cloud.openapi.ocr.driverLicense(img=specimen().img)
    assert answer["name"] == "李四"


def test_photos(specimen: Any) -> None:
    ready, drawn = specimen(), specimen(3, grade="clean")
    assert ready.fields["id_num"]
    assert drawn.content != ready.content
    assert set(drawn.fields) == set(ready.fields)
    assert drawn.fields["name"] not in repr(drawn)

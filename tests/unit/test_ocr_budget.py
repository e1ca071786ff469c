"""``ocr_threads`` and ``ocr_budget`` reach the recognizer by every way that reads settings."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from typer.testing import CliRunner

from openapi_shim.cli import execute, start
from openapi_shim.cli.app import app
from openapi_shim.errors import ConfigError
from openapi_shim.ocr.recognizer import BUDGET
from openapi_shim.serving.process import ServingProcess
from openapi_shim.settings import Settings, load_settings
from openapi_shim.testing.emulated import WeChat
from openapi_shim.wechat.inprocess import InProcessTransport
from openapi_shim.wechat.late import LateRecognizer

SPECIMENS = Path(__file__).parents[1] / "data" / "specimens"
THREADS, SECONDS = 3, 0.375


class MadeError(Exception):
    """A recognizer is about to be made; its threads and its budget."""


def refuse(_: object, threads: int, budget: float = BUDGET) -> None:
    """In place of a recognizer's ``__init__``: nothing is loaded, and the way ends here."""
    raise MadeError(threads, budget)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of an environment that sets both; the working folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAPI_SHIM_OCR_THREADS", str(THREADS))
    monkeypatch.setenv("OPENAPI_SHIM_OCR_BUDGET", str(SECONDS))
    return load_settings(flags={"store": "sqlite::memory:", "functions_dir": tmp_path})


@pytest.fixture
def photos(settings: Settings, tmp_path: Path) -> Path:
    """A folder with one photo and its truth."""
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(SPECIMENS / "current_normal.jpg", folder / "1.jpg")
    (folder / "truth.jsonl").write_text('{"file": "1.jpg", "truth": {"sex": "男"}}', "utf-8")
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recognizers tell how they are to be made."""
    monkeypatch.setattr("openapi_shim.ocr.recognizer.Recognizer.__init__", refuse)
    monkeypatch.setattr(LateRecognizer, "__init__", refuse)
    for command in ("start", "invoke"):  # the log of the process that tests belongs to pytest
        monkeypatch.setattr(f"openapi_shim.cli.{command}.log_to_stderr", lambda *_: None)


def command(*arguments: str) -> Any:
    """How a command of the command line ends."""
    outcome = CliRunner().invoke(app, arguments)
    if outcome.exception is not None:
        raise outcome.exception
    return outcome


def test_recognize(photos: Path, made: None) -> None:
    with pytest.raises(MadeError) as caught:
        command("recognize", str(photos))
    assert caught.value.args == (THREADS, SECONDS)


def test_evaluate(photos: Path, made: None) -> None:
    with pytest.raises(MadeError) as caught:
        command("evaluate", str(photos))
    assert caught.value.args == (THREADS, SECONDS)


@pytest.mark.parametrize("name", ["recognize", "evaluate"])
def test_an_option_is_stronger(photos: Path, made: None, name: str) -> None:
    with pytest.raises(MadeError) as caught:
        command(name, str(photos), "--threads", "5")
    assert caught.value.args == (5, SECONDS)


@pytest.mark.parametrize("name", ["recognize", "evaluate"])
def test_a_setting_that_cannot_be_used_is_told(
    photos: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_OCR_BUDGET", "0")
    with pytest.raises(ConfigError, match=r"OPENAPI_SHIM_OCR_BUDGET: .* greater than 0"):
        command(name, str(photos))


def test_batch(photos: Path, made: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def hire(_: str, *, seconds: float, factory: Callable[[int], object], **more: Any) -> None:
        assert seconds > SECONDS + 60  # a photo is given up later than its budget ends
        factory(1)

    monkeypatch.setattr("openapi_shim.batch.folder.Crew", hire)
    monkeypatch.setattr(cv2, "setNumThreads", lambda _: None)
    with pytest.raises(MadeError) as caught:
        command("batch", "submit", str(photos))
    assert caught.value.args == (1, SECONDS)  # its threads are the machine's, by workers


def test_start(settings: Settings, made: None) -> None:
    with pytest.raises(MadeError) as caught:
        asyncio.run(start._serve(settings))  # the command itself ends the process
    assert caught.value.args == (THREADS, SECONDS)


def test_exec(settings: Settings, made: None) -> None:
    signals = execute._Signals()  # the command itself would take the process's signals
    with pytest.raises(MadeError) as caught:
        asyncio.run(execute._run(settings, ["true"], "", False, signals))
    assert caught.value.args == (THREADS, SECONDS)


def test_invoke(settings: Settings, tmp_path: Path, made: None) -> None:
    function = tmp_path / "functions" / "hello"
    function.mkdir(parents=True)
    (function / "index.py").write_text("def main(event, context): return {}")
    with pytest.raises(MadeError) as caught:
        command("invoke", "hello", "--functions-dir", str(function.parent))
    assert caught.value.args == (THREADS, SECONDS)


def test_serve(settings: Settings, made: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi_shim.serving.process._metrics", lambda: None)
    telling: Any = type("Telling", (), {"why_not": lambda *_: None})()
    with pytest.raises(MadeError) as caught:
        ServingProcess(settings, telling, admin=False)
    assert caught.value.args == (THREADS, SECONDS)


def test_the_transport_in_the_process(settings: Settings, made: None) -> None:
    with pytest.raises(MadeError) as caught:
        InProcessTransport(settings)
    assert caught.value.args == (THREADS, SECONDS)


def test_the_testing_kit(settings: Settings, made: None) -> None:
    for budget in (SECONDS, 2 * SECONDS):  # also of a second emulator in one process
        with pytest.raises(MadeError) as caught:
            WeChat(ocr_threads=THREADS, ocr_budget=budget)
        assert caught.value.args == (THREADS, budget)


def test_who_stands_for_the_recognizer_hands_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    late = LateRecognizer(THREADS, SECONDS)
    monkeypatch.setattr("openapi_shim.ocr.recognizer.Recognizer.__init__", refuse)
    with pytest.raises(MadeError) as caught:
        late.load()
    assert caught.value.args == (THREADS, SECONDS)

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.emulator.functions import worker
from openapi_shim.emulator.functions.frames import (
    FRAME_LIMIT,
    BrokenFrameError,
    Frame,
    FrameReader,
    pack_call,
)

CONTEXT = {"request_id": "1"}
Answer = Callable[..., dict[str, Any]]


@pytest.fixture
def answer() -> Iterator[Answer]:
    runners = []

    def ask(main: Any, event: str = "{}", times: int = 1) -> dict[str, Any]:
        runner = worker.Runner(main)
        runners.append(runner)
        for _ in range(times):
            kind, head, *body = runner.run(event.encode(), CONTEXT, worker.Caller({}))
        if kind == b"o":
            return {"result": json.loads(body[0])}
        error: dict[str, Any] = json.loads(head)
        return error

    yield ask
    for runner in runners:
        runner.close()


def test_main_may_be_either_kind(answer: Answer) -> None:
    async def later(event: Any, context: Any) -> Any:
        await asyncio.sleep(0)
        return [event, context]

    for main in (later, lambda event, context: [event, context]):
        assert answer(main, '{"名": "张三"}')["result"] == [{"名": "张三"}, CONTEXT]


def test_a_synchronous_main_may_run_a_loop_of_its_own(answer: Answer) -> None:
    async def inner() -> int:
        return 7

    assert answer(lambda *_: asyncio.run(inner()))["result"] == 7


def test_the_loop_lives_on_between_calls(answer: Answer) -> None:
    seen = []

    async def main(*_: Any) -> None:
        seen.append(asyncio.get_running_loop())

    answer(main, times=2)
    assert len(seen) == 2
    assert seen[0] is seen[1]


def cycle() -> list[Any]:
    own: list[Any] = []
    own.append(own)
    return own


@pytest.mark.parametrize("result", [float("nan"), b"bytes", {1, 2}, cycle(), "\ud800"])
def test_a_result_that_is_no_json(answer: Answer, result: Any) -> None:
    error = answer(lambda *_: result)
    assert error["type"] == "TypeError"
    assert "main returned what cannot be sent as JSON" in error["message"]


def test_a_result_that_is_too_large(answer: Answer) -> None:
    assert answer(lambda *_: "x" * (worker.RESULT_LIMIT - 2))["result"]
    error = answer(lambda *_: "x" * worker.RESULT_LIMIT)
    assert error["code"] == -604001


def test_exit_is_not_caught(answer: Answer) -> None:
    with pytest.raises(SystemExit):
        answer(lambda *_: sys.exit(1))


def test_a_missing_package_says_how_to_install_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    told = worker.describe(ModuleNotFoundError("No module named 'cv2.x'", name="cv2.x"))
    assert told["message"].endswith(f"{sys.executable} -m pip install opencv-python-headless")
    (tmp_path / "requirements.txt").touch()
    told = worker.describe(ModuleNotFoundError("No module named 'cv2'", name="cv2"))
    assert told["message"].endswith(f"pip install -r {tmp_path / 'requirements.txt'}")
    (tmp_path / "lib.py").touch()
    told = worker.describe(ModuleNotFoundError("No module named 'lib.x'", name="lib.x"))
    assert told["message"] == "No module named 'lib.x'"


def test_frames_in_pieces() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = worker.Channel(theirs)
        frame = pack_call(b"head", "张".encode())
        for at in range(len(frame)):
            ours.sendall(frame[at : at + 1])
        assert channel.receive() == (b"head", "张".encode())
        channel.send(b"o", body=b"1")
        channel.send(b"f", b"{}")
        data = ours.recv(100)
        ours.sendall(frame[:-1])
        ours.shutdown(socket.SHUT_WR)
        assert channel.receive() is None
    whole = FrameReader().feed(data)
    assert whole == [Frame(b"o", b"", b"1"), Frame(b"f", b"{}", b"")]
    reader = FrameReader()
    assert [frame for at in range(len(data)) for frame in reader.feed(data[at : at + 1])] == whole


@pytest.mark.parametrize("size", [0, FRAME_LIMIT + 1])
def test_what_is_no_frame(size: int) -> None:
    kind = b"o" if size else b"?"
    with pytest.raises(BrokenFrameError):
        FrameReader().feed(kind + size.to_bytes(4, "big") + bytes(4))


def test_the_worker_loads_the_standard_library_alone() -> None:
    code = (
        "import runpy, sys; runpy.run_path(sys.argv[1]);"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('openapi_shim', 'aiohttp', 'pydantic', 'asyncio', 'inspect')])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, worker.__file__],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"

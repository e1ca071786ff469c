"""How a server starts and ends: in order, when told to; with words, when it cannot serve."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.errors import ServingError
from openapi_shim.serving.supervisor import Supervisor
from openapi_shim.settings import Settings

from .conftest import COMMAND, Server, environment, keys, serving


def slow_call(server: Server, seconds: float) -> tuple[threading.Thread, list[Any]]:
    """A function under way."""
    answers: list[Any] = []
    token = server.token()

    def call() -> None:
        try:
            answers.append(server.invoke(token, "slow", {"seconds": seconds}))
        except OSError as error:
            answers.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    # Its process is there: the function runs.
    server.wait_for(lambda: [pid for pid in descendants(server) if b"worker.py" in command(pid)])
    return thread, answers


def descendants(server: Server) -> set[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            parents[int(folder.name)] = int(parent)
    found = {server.process.pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {server.process.pid}


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_what_is_under_way_is_finished(folder: Path) -> None:
    with serving(folder, "--processes", "1") as server:
        thread, answers = slow_call(server, 1.5)
        pids = descendants(server)
        server.process.send_signal(signal.SIGTERM)
        server.wait_for(lambda: refused(server.port) or None)
        assert answers == []  # still under way, while no new connection is taken
        thread.join()
        assert answers == ["done"]
        assert server.process.wait() == 0
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_what_takes_longer_than_the_grace_is_broken_off(folder: Path) -> None:
    with serving(folder, "--processes", "1", "--grace", "0.2") as server:
        thread, answers = slow_call(server, 15)
        assert server.stop() == 0
        thread.join()
        assert answers != ["done"]
        assert server.wrote("1 requests were still under way after 0.2 s")


def test_the_processes_end_with_their_supervisor(folder: Path) -> None:
    with serving(folder, "--processes", "1") as server:
        pids = descendants(server)
        assert pids
        os.kill(server.process.pid, signal.SIGKILL)
        while any(command(pid) for pid in pids):
            time.sleep(0.02)


def test_it_gives_up_when_the_weights_cannot_be_loaded(folder: Path, tmp_path: Path) -> None:
    """Another package of that name is found first, without weights."""
    (tmp_path / "rapidocr").mkdir()
    (tmp_path / "rapidocr" / "__init__.py").touch()
    path = {"PYTHONPATH": str(tmp_path)}
    with serving(folder, "--processes", "1", wait=False, env=path) as server:
        reply = server.ready()
        assert reply.status == 503
        server.ended.wait()
        assert server.process.wait() == 1
        assert server.wrote(r"ended 3 times before it could serve, .*weights .* cannot be read")
        assert server.wrote("pip install --force-reinstall")


async def test_a_machine_that_starts_no_process_is_tried_again_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = 0

    async def refuse(*_: Any, **__: Any) -> Any:
        nonlocal tries
        tries += 1
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    supervisor = Supervisor(Settings(), 1, [], environ={})
    with pytest.raises(ServingError, match="cannot be started: Resource temporarily unavailable"):
        await supervisor.run(asyncio.Event())
    assert tries == 3


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        ([], {"OPENAPI_SHIM_EMULATOR_SECRET": ""}, "set OPENAPI_SHIM_EMULATOR_SECRET"),
        ([], {"OPENAPI_SHIM_GATEWAY_SECRET_ID": "a"}, "set OPENAPI_SHIM_GATEWAY_SECRET_KEY too"),
        (["--processes", "0"], {}, "processes"),
        (["--state-dir", "/proc/none"], {}, "OPENAPI_SHIM_STATE_DIR"),
        (["--processes", "2"], {"OPENAPI_SHIM_STORE": "sqlite::memory:"}, "several processes"),
        ([], {"OPENAPI_SHIM_STORE": "nosuch:thing"}, "known are"),
    ],
)
def test_mistakes_are_told_at_once(
    folder: Path, arguments: list[str], env: dict[str, str], told: str
) -> None:
    done = subprocess.run(
        [COMMAND, "serve", "--port", "0", "--admin-port", "0", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,  # against serving for ever
        cwd=folder,
        env=environment(**(keys() | env)),
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for flag in ("--port", "--admin-port"):
            done = subprocess.run(
                [COMMAND, "serve", "--port", "0", "--admin-port", "0", flag, port],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,  # against serving for ever
                cwd=folder,
                env=environment(**keys()),
            )
            assert done.returncode == 2
            assert f"choose another with {flag} (0" in done.stderr

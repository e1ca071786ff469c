"""``openapi-shim exec`` as a user calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("openapi-shim"))


class Run:
    """Runs it in a folder of its own, with a folder for temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.temporary = folder / "tmp"
        self.folder.mkdir()
        self.temporary.mkdir()
        self.processes: list[subprocess.Popen[str]] = []

    def begin(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        kept = {name: v for name, v in os.environ.items() if not name.startswith("OPENAPI_SHIM_")}
        process = subprocess.Popen(
            [COMMAND, "exec", *arguments],
            cwd=self.folder,
            env={**kept, "TMPDIR": str(self.temporary), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def __call__(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        process = self.begin(*arguments, **more)
        out, err = process.communicate()
        return process.returncode, out, err

    def left(self) -> list[str]:
        """Processes of the sessions that were begun, and folders that are left."""
        sessions = {process.pid for process in self.processes}
        found = [path.name for path in self.temporary.glob("openapi-shim*")]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
                words = (stat.parent / "cmdline").read_text()
            except OSError:
                continue
            if int(fields[3]) in sessions and fields[0] != "Z":
                found.append(words)
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    running = Run(tmp_path)
    yield running
    for process in running.processes:
        process.kill()
        process.communicate()


def test_pytest_runs_against_a_fresh_emulator(run: Run) -> None:
    (run.folder / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    function = run.folder / "functions" / "alpha"
    function.mkdir(parents=True)
    (function / "index.py").write_text("def main(event, context): return {'twice': event['n'] * 2}")
    (run.folder / "test_mine.py").write_text(
        textwrap.dedent(
            """
            import json, os, urllib.request
            from openapi_shim import CloudError, cloud

            URL = os.environ["OPENAPI_SHIM_BASE_URL"]

            def ask(path, body):
                request = urllib.request.Request(URL + path, json.dumps(body).encode())
                return json.loads(urllib.request.urlopen(request).read())

            async def called():
                cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})
                wanted = {"returns": {"name": "张三"}}
                ask("/_openapi_shim/recognizer", wanted)
                photo = {"contentType": "image/jpeg", "value": b"photo"}
                found = await cloud.openapi.ocr.driverLicense({"img": photo})
                try:
                    await cloud.openapi.ocr.driverLicense({"img": photo})
                except CloudError as error:
                    assert error.errCode == 101003  # the quota that was set
                result = await cloud.callFunction({"name": "alpha", "data": {"n": 21}})
                return found["name"], result["result"]

            def test_it():
                import asyncio
                assert asyncio.run(called()) == ("张三", {"twice": 42})

            def test_the_environment_leads_here_alone():
                assert os.environ["OPENAPI_SHIM_APPID"] == "wx0000000000000000"
                assert json.loads(os.environ["TCB_CONTEXT_CNFG"]) == {"URL": URL + "/admin"}
                assert "OPENAPI_SHIM_ACCESS_TOKEN" not in os.environ

            def test_that_fails():
                assert False
            """
        )
    )
    code, out, err = run(
        "--setting", "daily_quota=1", "--", sys.executable, "-m", "pytest", "-q", "-p",
        "no:cacheprovider", "test_mine.py", OPENAPI_SHIM_ACCESS_TOKEN="mine",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )  # fmt: skip
    assert code == 1, err
    assert "1 failed, 2 passed" in out, out
    assert run.left() == []
    assert not (run.folder / ".openapi-shim").exists()


@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        (("sh", "-c", "exit 7"), 7, ""),
        (("sh", "-c", "kill -KILL $$"), 137, ""),
        (("no-such-command-here",), 127, "no-such-command-here: there is no such command"),
        (("/",), 126, "/ cannot be run: Permission denied"),
    ],
)
def test_exit_codes(run: Run, command: tuple[str, ...], code: int, text: str) -> None:
    found, out, err = run("--", *command)
    assert (found, out) == (code, "")
    assert text in err
    assert len(err.splitlines()) == bool(text)
    assert run.left() == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--setting", "nonsense=1", "--", "true"), "is no NAME=VALUE of a setting"),
        (("--setting", "daily_quota=x", "--", "true"), "daily-quota: Input should be"),
    ],
)
def test_mistakes_are_told(run: Run, arguments: tuple[str, ...], text: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert text in err
    assert "Traceback" not in err
    assert run.left() == []


def test_what_the_command_leaves_behind_is_ended(run: Run) -> None:
    mark = f"9{os.getpid()}"  # of no other process on the machine
    code, _, err = run(
        "--", "sh", "-c", f"(trap '' TERM; exec sleep {mark}) & setsid sleep {mark} & exit 3"
    )
    assert (code, err) == (3, "")
    assert run.left() == []
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert f"sleep {mark}" not in listed.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_go_to_the_command(run: Run, number: signal.Signals) -> None:
    process = run.begin("--", "sh", "-c", "echo ready; exec sleep 1000")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.communicate()
    assert process.returncode == 128 + number
    assert run.left() == []


def test_a_command_that_minds_a_signal_decides(run: Run) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        "signal.signal(signal.SIGUSR1, lambda *_: print('usr1', flush=True))\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(0.01)\n"
    )
    process = run.begin("--", sys.executable, "-c", code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGUSR1)
    assert process.stdout.readline() == "usr1\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 9
    assert run.left() == []


def test_the_proxys_variables_lead_curl_here(run: Run) -> None:
    url = "https://api.weixin.qq.com/cgi-bin/token?grant_type=client_credential&appid=a&secret=b"
    code, out, err = run("--proxy", "--", "curl", "-sS", url, NO_PROXY="")
    assert code == 0, err
    assert json.loads(out)["expires_in"] == 7200
    assert run.left() == []

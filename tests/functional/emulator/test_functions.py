"""Cloud functions in processes of their own: what they get, what they return, how they fail."""

from __future__ import annotations

import asyncio
import io
import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from .conftest import Emulate, Emulator, until


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    return tmp_path / "functions"


def write(functions: Path, name: str, code: str, config: str = "") -> Path:
    folder = functions / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.py").write_text(textwrap.dedent(code), "utf-8")
    if config:
        (folder / "config.json").write_text(config)
    return folder


def running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


ECHO = """
    def main(event, context):
        return [event, context]
"""


async def test_an_event_goes_in_and_a_result_comes_out(emulator: Emulator, functions: Path) -> None:
    write(functions, "echo", ECHO)
    answer = await emulator.invoke("echo", {"名": "张三\u2028"})
    assert list(answer.body) == ["errcode", "errmsg", "resp_data"]
    event, context = json.loads(answer.body["resp_data"])
    assert event == {"名": "张三\u2028"}
    assert context["function_name"] == "echo"
    assert context["time_limit_in_ms"] == 3000
    assert context["namespace"] == "e"
    newer = {"env": "e", "name": "echo", "req_data": '{"a": 1}'}
    answer = await emulator.call("POST", "/tcb/invokecloudfunction", json=newer)
    assert json.loads(answer.body["resp_data"])[0] == {"a": 1}
    answer = await emulator.invoke("echo")
    assert json.loads(answer.body["resp_data"])[0] == {}


async def test_the_environment(
    emulate: Emulate, functions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_ACCESS_TOKEN", "the developer's own")
    folder = write(
        functions,
        "environment",
        """
        import os, helper

        def main(event, context):
            return {"environ": dict(os.environ), "cwd": os.getcwd(), "helper": helper.VALUE}
        """,
    )
    (folder / "helper.py").write_text("VALUE = 7")
    (folder / "json.py").write_text("raise RuntimeError('the worker must not import this')")
    emulator = await emulate()
    answer = await emulator.invoke("environment", env="prod")
    result = json.loads(answer.body["resp_data"])
    environ = result["environ"]
    assert "the developer's own" not in environ.values()
    assert environ["OPENAPI_SHIM_BASE_URL"] == emulator.url
    assert environ["TCB_ENV"] == environ["SCF_NAMESPACE"] == "prod"
    assert (environ["TCB_SOURCE"], environ["WX_APPID"]) == ("wx_http", "wx1")
    assert environ["WX_CONTEXT_KEYS"] == "WX_API_TOKEN,WX_APPID"
    assert result["cwd"] == environ["OPENAPI_SHIM_FUNCTION_DIR"] == str(folder.resolve())
    assert result["helper"] == 7


async def test_a_process_stays_warm_with_its_event_loop(
    emulator: Emulator, functions: Path
) -> None:
    write(
        functions,
        "warm",
        """
        import asyncio, os
        calls = []

        async def main(event, context):
            await asyncio.sleep(0)
            calls.append(id(asyncio.get_running_loop()))
            return [os.getpid(), len(calls), len(set(calls))]
        """,
    )
    results = [json.loads((await emulator.invoke("warm")).body["resp_data"]) for _ in range(3)]
    assert [result[1:] for result in results] == [[1, 1], [2, 1], [3, 1]]
    assert {result[0] for result in results} == set(emulator.runner.pids())


async def test_one_at_a_time(emulator: Emulator, functions: Path) -> None:
    write(
        functions,
        "serial",
        """
        import asyncio
        inside = most = 0

        async def main(event, context):
            global inside, most
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1
            return most
        """,
        '{"concurrency": 1}',
    )
    answers = await asyncio.gather(*(emulator.invoke("serial") for _ in range(10)))
    assert {answer.body["resp_data"] for answer in answers} == {"1"}
    assert len(emulator.runner.pids()) == 1


@pytest.mark.parametrize(
    ("code", "errmsg", "logged"),
    [
        (
            """
            def main(event, context):
                number = "x"
                return int(number)
            """,
            "ValueError: invalid literal for int() with base 10: 'x' (index.py, line 4)",
            "Traceback (most recent call last)",
        ),
        ("def main(event, context):\n  import sys; sys.exit(1)", "ended with exit code 1", ""),
        ("import os\ndef main(event, context): os._exit(7)", "ended with exit code 7", ""),
        (
            "import os, signal\ndef main(event, context): os.kill(os.getpid(), signal.SIGSEGV)",
            "was ended by SIGSEGV",
            "",
        ),
        ("import sys; sys.exit(3)", "SystemExit: 3", "sys.exit(3)"),
        ("import os; os._exit(3)", "ended with exit code 3", ""),
        ("def main(event, context:\n  pass", "SyntaxError: ", "'(' was never closed"),
        ("import nothing_like_it", "ModuleNotFoundError: No module named 'nothing_like_it'", ""),
        (
            "def handler(e, c): pass\nmain = 5",
            "index.py has no function main(event, context); found: handler",
            "",
        ),
        ("x = 1", "found: no functions", ""),
        ("def main(event): pass", "main(event) cannot be called as main(event, context)", ""),
        (
            "def main(event, context): return float('nan')",
            "TypeError: main returned what cannot be sent as JSON",
            "",
        ),
        ("def main(event, context): return b'bytes'", "main returned what cannot be sent", ""),
        ("async def main(event, context): raise KeyError('k')", "KeyError: 'k' (index.py", ""),
        ("def main(event, context): raise BaseException('b')", "ended with exit code 1", "b"),
    ],
)
async def test_failures(
    emulator: Emulator, functions: Path, code: str, errmsg: str, logged: str
) -> None:
    write(functions, "failing", code)
    answer = await emulator.invoke("failing")
    assert answer.errcode == -504002
    assert answer.body["errmsg"].startswith("functions execute fail | errMsg: ")
    assert errmsg in answer.body["errmsg"]
    assert errmsg in answer.reason
    if logged:
        await emulator.logged(logged)
    write(functions, "failing", ECHO)
    while (await emulator.invoke("failing")).errcode:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("loop", ["while True: pass", "__import__('time').sleep(1000)"])
async def test_an_endless_loop_is_ended(emulator: Emulator, functions: Path, loop: str) -> None:
    code = f"""
        def main(event, context):
            if event:
                {loop}
            return "fine"
        """
    folder = write(functions, "endless", code, '{"timeout": 0.2}')
    answer = await emulator.invoke("endless", {"loop": True})
    assert answer.errcode == -504003
    assert answer.body["errmsg"].startswith("Invoking task timed out after 0.2 seconds hint")
    assert emulator.runner.pids() == []
    (folder / "config.json").write_text('{"timeout": 60}')
    assert (await emulator.invoke("endless")).body["resp_data"] == '"fine"'


async def test_a_time_out_of_its_own(emulate: Emulate, functions: Path) -> None:
    write(functions, "slow", "import time\ndef main(event, context): time.sleep(1000)")
    emulator = await emulate(function_timeout=0.1)
    answer = await emulator.invoke("slow")
    assert "timed out after 0.1 seconds" in answer.body["errmsg"]


async def test_large_events_and_results(emulator: Emulator, functions: Path) -> None:
    write(functions, "echo", "def main(event, context): return event['text'][-300_000:]")
    event = {"text": '🚗"\\' * 500_000}  # 6 bytes each, and escaped twice on their way
    answer = await emulator.call(
        "POST",
        "/tcb/invokecloudfunction",
        params={"name": "echo"},
        data=io.BytesIO(json.dumps(event, ensure_ascii=False).encode()),
    )
    assert json.loads(answer.body["resp_data"]) == event["text"][-300_000:]


async def test_what_a_function_prints_is_logged_and_breaks_nothing(
    emulator: Emulator, functions: Path
) -> None:
    write(
        functions,
        "talking",
        """
        import os, sys
        print("loading")

        def main(event, context):
            print("你好", "\\x1b[31m")
            print("to stderr", file=sys.stderr)
            os.write(1, b"\\xff no utf-8, no end")
            return context["request_id"]
        """,
    )
    answer = await emulator.invoke("talking")
    short = json.loads(answer.body["resp_data"])[:8]
    await emulator.logged(f"[talking {short}] 你好 \\x1b[31m")
    await emulator.logged(f"[talking {short}] to stderr")
    await emulator.logged("[talking start] loading")
    await emulator.runner.close()
    await emulator.logged("\ufffd no utf-8, no end")


async def test_a_flood_of_output(emulator: Emulator, functions: Path) -> None:
    write(
        functions,
        "flood",
        """
        import sys
        def main(event, context):
            for _ in range(100_000):
                print("x" * 50)
            sys.stdout.write("y" * 5_000_000)
            return "done"
        """,
        '{"timeout": 60}',
    )
    assert (await emulator.invoke("flood")).body["resp_data"] == '"done"'
    await emulator.logged("printed more than 500 lines; the rest is not shown")
    assert len(emulator.caplog.records) < 600


async def test_closing_its_own_descriptors_harms_only_itself(
    emulator: Emulator, functions: Path
) -> None:
    write(
        functions,
        "closer",
        "import os\ndef main(event, context): os.closerange(0, 100)\n",
    )
    answer = await emulator.invoke("closer")
    assert answer.errcode == -504002


async def test_a_changed_file_is_loaded_anew(emulator: Emulator, functions: Path) -> None:
    folder = write(functions, "changing", "import lib\ndef main(event, context): return lib.V")
    for value in ("1", "2"):
        (folder / "lib.py").write_text(f"V = {value}")
        while (await emulator.invoke("changing")).body["resp_data"] != value:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await emulator.logged("[changing] its files changed")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nope", "found: echo"),
        ("ech", "did you mean echo?"),
        ("../echo", "no name of a function"),
    ],
)
async def test_an_unknown_function(
    emulator: Emulator, functions: Path, name: str, reason: str
) -> None:
    write(functions, "echo", ECHO)
    answer = await emulator.invoke(name)
    assert answer.errcode == -501000
    assert answer.body["errmsg"].startswith("FunctionName parameter could not be found. hint")
    assert reason in answer.reason


async def test_calls_that_cannot_be_used(emulator: Emulator, functions: Path) -> None:
    path = "/tcb/invokecloudfunction"
    params = {"env": "e", "name": "echo"}
    for method, options, errcode in (
        ("GET", {"params": params}, 43002),
        ("POST", {"params": params, "authorized": False}, 41001),
        ("POST", {"params": params, "data": b"{"}, 47001),
        ("POST", {"params": params, "data": _chunks(7)}, 40097),
        ("POST", {}, 40097),
    ):
        answer = await emulator.call(method, path, **options)
        assert answer.errcode == errcode


async def _chunks(megabytes: int) -> Any:
    for _ in range(megabytes * 16):
        yield bytes(65536)


async def test_a_config_json_that_is_broken(emulator: Emulator, functions: Path) -> None:
    write(functions, "broken", ECHO, '{"timeout": "soon"}')
    answer = await emulator.invoke("broken")
    assert answer.errcode == -504002
    assert "timeout: a number is expected, not a string" in answer.reason


async def test_a_caller_that_hangs_up_leaves_the_function_running(
    emulator: Emulator, functions: Path, tmp_path: Path
) -> None:
    write(
        functions,
        "diary",
        f"""
        import pathlib, time
        go = pathlib.Path({str(tmp_path)!r})

        def main(event, context):
            if event:
                (go / "begun").touch()
                while not (go / "go").exists():
                    time.sleep(0.01)
                (go / "done").touch()
            return (go / "done").exists()
        """,
        '{"timeout": 60}',
    )
    call = asyncio.create_task(emulator.invoke("diary", {"wait": True}))
    await until((tmp_path / "begun").exists)
    waiting = asyncio.create_task(emulator.invoke("diary", {"wait": True}))
    call.cancel()
    await asyncio.wait([call])
    waiting.cancel()
    await asyncio.wait([waiting])
    (tmp_path / "go").touch()
    assert (await emulator.invoke("diary")).body["resp_data"] == "true"


CHILD = """
    import subprocess, sys

    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])

    def main(event, context):
        if event:
            while True: pass
        return child.pid
"""


async def test_nothing_is_left_behind(emulator: Emulator, functions: Path) -> None:
    write(functions, "parent", CHILD)
    child = json.loads((await emulator.invoke("parent")).body["resp_data"])
    (worker,) = emulator.runner.pids()
    assert running(child)
    busy = asyncio.create_task(emulator.invoke("parent", {"loop": True}))
    await until(lambda: _busy(worker))
    await emulator.runner.close()
    answer = await busy
    assert (answer.errcode, answer.reason) == (-504002, "the emulator was stopped")
    assert not running(worker)
    await until(lambda: not running(child))


def _busy(pid: int) -> bool:
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().split()[13:15])) > 20

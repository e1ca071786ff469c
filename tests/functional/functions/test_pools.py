"""Many calls at once, callers that hang up, workers that rest, and what each call is told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.emulator.functions import pool
from openapi_shim.emulator.functions.runner import ProcessRunner
from openapi_shim.emulator.gateway.invocations import InvocationTokens
from openapi_shim.errors import InvocationError
from openapi_shim.settings import Settings

from .conftest import NODE, PYTHON, Functions, Make, until

LANGUAGES = pytest.mark.parametrize("entry", [PYTHON, NODE])
GATE = """
    import pathlib, os, time
    def main(event, context):
        folder = pathlib.Path(event["folder"])
        (folder / f"in-{context['request_id']}").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
        return os.getpid()
"""


def inside(folder: Path) -> int:
    """How many calls of the gate's function have begun."""
    return len(list(folder.glob("in-*")))


async def test_200_calls_of_a_slow_function(make: Make, tmp_path: Path) -> None:
    functions = make(function_concurrency=3)
    functions.write("slow", GATE)
    event = {"folder": str(tmp_path)}
    calls = [asyncio.create_task(functions.call("slow", event)) for _ in range(200)]
    await until(lambda: inside(tmp_path) == 3)
    refused = [call for call in calls if call.done()]
    for call in refused:
        error = call.exception()
        assert isinstance(error, InvocationError)
        assert error.errcode == -501004
        assert str(error) == f"{pool.WAITING} calls of slow wait for their turn"
    assert len(refused) == 200 - pool.WAITING
    assert len(functions.runner.pids()) == 3
    (tmp_path / "go").touch()
    results = await asyncio.gather(*(call for call in calls if call not in refused))
    assert len(results) == pool.WAITING
    assert len(set(results)) <= 3


async def test_first_come_first_served(functions: Functions) -> None:
    functions.write(
        "order", "n = 0\ndef main(e, c):\n  global n; n += 1; return n", {"concurrency": 1}
    )
    results = await asyncio.gather(*(functions.call("order") for _ in range(30)))
    assert results == list(range(1, 31))


async def test_large_events_do_not_pile_up(
    functions: Functions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WAITING_BYTES", 1000)
    functions.write("slow", GATE, {"concurrency": 1})
    event = {"folder": str(tmp_path), "padding": "x" * 600}
    calls = [asyncio.create_task(functions.call("slow", event))]
    await until(lambda: inside(tmp_path) == 1)
    calls += [asyncio.create_task(functions.call("slow", event))]
    await asyncio.sleep(0)
    number, _ = await functions.fail("slow", event)
    assert number == -501004
    (tmp_path / "go").touch()
    await asyncio.gather(*calls)


async def test_a_caller_that_hangs_up_before_its_turn(functions: Functions, tmp_path: Path) -> None:
    functions.write("slow", GATE, {"concurrency": 1})
    event = {"folder": str(tmp_path)}
    first = asyncio.create_task(functions.call("slow", event))
    await until(lambda: inside(tmp_path) == 1)
    second = asyncio.create_task(functions.call("slow", event))
    third = asyncio.create_task(functions.call("slow", event))
    await asyncio.sleep(0)
    for call in (first, second):
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    (tmp_path / "go").touch()
    await third
    assert inside(tmp_path) == 2  # the first ran to its end, the second never began


async def test_idle_workers_are_ended(make: Make, tmp_path: Path) -> None:
    functions = make(function_idle=0.2)
    functions.write("slow", GATE)
    event = {"folder": str(tmp_path)}
    calls = [asyncio.create_task(functions.call("slow", event)) for _ in range(3)]
    await until(lambda: inside(tmp_path) == 3)
    (tmp_path / "go").touch()
    await asyncio.gather(*calls)
    await until(lambda: functions.runner.pids() == [])
    await functions.call("slow", event)


async def test_functions_do_not_wait_for_each_other(functions: Functions, tmp_path: Path) -> None:
    functions.write("slow", GATE)
    functions.write("quick", "def main(e, c): return 1")
    slow = asyncio.create_task(functions.call("slow", {"folder": str(tmp_path)}))
    await until(lambda: inside(tmp_path) == 1)
    assert await functions.call("quick") == 1
    (tmp_path / "go").touch()
    await slow


@LANGUAGES
async def test_a_worker_that_died_while_idle_is_replaced(functions: Functions, entry: str) -> None:
    functions.write(
        "gone",
        {
            PYTHON: "import os\ndef main(e, c): return os.getpid()",
            NODE: "exports.main = () => process.pid;",
        }[entry],
        entry=entry,
    )
    pid = await functions.call("gone")
    (worker,) = functions.pool("gone").crew.serving
    worker.kill()
    await worker.exited
    assert await functions.call("gone") != pid


@LANGUAGES
async def test_what_a_call_is_told(make: Make, entry: str) -> None:
    functions = make(emulator_env="prod-1")
    functions.write(
        "who",
        {
            PYTHON: "import os\ndef main(e, c): return [e, c, dict(os.environ), os.getcwd()]",
            NODE: "exports.main = async (e, c) => [e, c, process.env, process.cwd()];",
        }[entry],
        {"timeout": 7, "memorySize": 512, "envVariables": {"COLOUR": "red", "N": 3, "ON": True}},
        entry=entry,
    )
    event, context, environ, folder = await functions.call(
        "who", {"a": 1}, appid="wx1", openid="o123", source="wx_client"
    )
    assert event == {"a": 1, "userInfo": {"appId": "wx1", "openId": "o123"}}
    assert folder == environ["OPENAPI_SHIM_FUNCTION_DIR"] == str(functions.root / "who")
    context.pop("callbackWaitsForEmptyEventLoop", None)
    told = json.loads(context.pop("environment"))
    assert dict(pair.split("=", 1) for pair in context.pop("environ").split(";")) == told
    assert context == {
        "request_id": "00000001-id",
        "function_name": "who",
        "function_version": "$LATEST",
        "namespace": "prod-1",
        "memory_limit_in_mb": 512,
        "time_limit_in_ms": 7000,
        "tencentcloud_region": "ap-shanghai",
    }
    assert told["WX_OPENID"] == environ["WX_OPENID"] == "o123"
    assert environ["TCB_SOURCE"] == "wx_client"
    assert [environ[name] for name in ("COLOUR", "N", "ON")] == ["red", "3", "true"]
    assert environ["WX_API_TOKEN"] not in json.dumps([event, context, told])
    # The next caller is nobody's user: nothing stays behind from this one.
    event, context, environ, _ = await functions.call("who", env="other", appid="wx2")
    assert event == {}
    assert environ["WX_OPENID"] == ""
    assert "WX_OPENID" not in environ["WX_CONTEXT_KEYS"]
    assert environ["SCF_NAMESPACE"] == context["namespace"] == "other"
    assert environ["TCB_SOURCE"] == "wx_http"


async def test_a_token_for_each_invocation(make: Make, tmp_path: Path) -> None:
    root = make().root
    tokens = InvocationTokens()
    runner = ProcessRunner(Settings(functions_dir=root), new_request_id=lambda: "r", tokens=tokens)
    runner.serve_at("http://127.0.0.1:9")
    functions = Functions(root, runner, pytest.LogCaptureFixture.__new__(pytest.LogCaptureFixture))
    functions.write(
        "token",
        """
        import os, pathlib, time
        def main(event, context):
            folder = pathlib.Path(event["folder"])
            (folder / "token").write_text(os.environ["WX_API_TOKEN"])
            while not (folder / "go").exists():
                time.sleep(0.01)
        """,
        {"permissions": {"openapi": ["ocr.driverLicense"]}, "timeout": 60},
    )
    call = asyncio.create_task(
        functions.call("token", {"folder": str(tmp_path)}, openid="o1", source="wx_client")
    )
    file = tmp_path / "token"
    await until(lambda: file.exists() and file.read_text())
    caller = tokens.lookup(file.read_text())
    assert caller is not None
    assert (caller.function, caller.openid, caller.source) == ("token", "o1", "wx_client")
    assert caller.permissions is not None
    assert caller.permissions.allows("ocr.driverLicense")
    (tmp_path / "go").touch()
    await call
    await runner.close()
    before = file.read_text()
    assert tokens.why_refused(before)


@LANGUAGES
async def test_node_modules_and_siblings(functions: Functions, entry: str) -> None:
    if entry == PYTHON:
        folder = functions.write("uses", "import lib\ndef main(e, c): return lib.V")
        (folder / "lib.py").write_text("V = 5")
    else:
        folder = functions.write("uses", "exports.main = () => require('five').V;", entry=NODE)
        (folder / "node_modules" / "five").mkdir(parents=True)
        (folder / "node_modules" / "five" / "index.js").write_text("exports.V = 5")
    assert await functions.call("uses") == 5


async def test_a_node_function_as_an_ecmascript_module(functions: Functions) -> None:
    folder = functions.write("modern", "export const main = async () => 6;", entry=NODE)
    (folder / "package.json").write_text('{"type": "module"}')
    assert await functions.call("modern") == 6


@LANGUAGES
async def test_lines_belong_to_their_call(functions: Functions, entry: str) -> None:
    functions.write(
        "talk",
        {
            PYTHON: "import os\nprint('loading')\ndef main(e, c):\n  print('call', e['n'])\n"
            "  os.system('echo child')",
            NODE: "console.log('loading'); exports.main = (e) => { console.log('call', e.n);"
            " require('child_process').execSync('echo child', { stdio: 'inherit' }); };",
        }[entry],
        entry=entry,
    )
    for number in (1, 2):
        await functions.call("talk", {"n": number})
    lines = [record.getMessage() for record in functions.caplog.records]
    assert [line for line in lines if line.startswith("[talk")] == [
        "[talk start] loading",
        "[talk 00000001] call 1",
        "[talk 00000001] child",
        "[talk 00000002] call 2",
        "[talk 00000002] child",
    ]


async def test_unknown_keys_of_config_json_are_let_through(functions: Functions) -> None:
    config: dict[str, Any] = {"triggers": [{"name": "t"}], "environment": "prod", "layers": 1}
    functions.write("any", "def main(e, c): return 1", config)
    assert await functions.call("any") == 1

"""No process and no descriptor is left behind, however the emulator ends."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from openapi_shim.emulator.functions.deployment import Deployment
from openapi_shim.errors import InvocationError

from .conftest import NODE, PYTHON, Functions, Make, running, until

ENDLESS = {
    PYTHON: "import os\ndef main(e, c):\n  while e: pass\n  return os.getpid()\n",
    NODE: "exports.main = (e) => { while (Object.keys(e).length) ; return process.pid; };\n",
}
SERVE = """
import asyncio, json, sys
from pathlib import Path
from openapi_shim.emulator.functions.runner import ProcessRunner
from openapi_shim.settings import Settings
from openapi_shim.wechat.tcb import Invocation

async def main():
    settings = Settings(functions_dir=Path(sys.argv[1]), function_timeout=3600)
    runner = ProcessRunner(settings, new_request_id=lambda: "id")
    runner.serve_at("http://127.0.0.1:9")
    for name in ("python", "node"):
        await runner.invoke(Invocation(name, "{}"))
        asyncio.create_task(runner.invoke(Invocation(name, '{"loop": 1}')))
    await asyncio.sleep(0)
    print(*runner.pids(), runner._host.guard.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

Begin = Callable[[Sequence[str]], "subprocess.Popen[str]"]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts commands; their process groups end with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(command: Sequence[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def test_nothing_outlives_a_killed_emulator(
    functions: Functions, tmp_path: Path, begin: Begin
) -> None:
    """Though both functions are in an endless loop and look at no socket."""
    functions.write("python", ENDLESS[PYTHON])
    functions.write("node", ENDLESS[NODE], entry=NODE)
    process = begin([sys.executable, "-c", SERVE, str(functions.root)])
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    pids = [int(word) for word in line.split()]
    assert len(pids) == 3
    assert all(running(pid) for pid in pids)
    process.kill()
    await until(lambda: not any(running(pid) for pid in pids))


async def test_ctrl_c_twice(functions: Functions, begin: Begin) -> None:
    functions.write("python", ENDLESS[PYTHON], {"timeout": 600})
    shim = str(Path(sys.executable).with_name("openapi-shim"))
    folder = ["--functions-dir", str(functions.root)]
    process = begin([shim, "start", "--port", "0", *folder])
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    found = re.search(r"http://\S+", line)
    assert found is not None
    call = [shim, "invoke", "python", "--url", found[0], "--data", '{"loop": 1}', *folder]
    caller = begin(call)
    await until(lambda: len(_children(process.pid)) >= 2)  # the worker, and the guard
    children = _children(process.pid)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    await asyncio.to_thread(process.wait)
    await until(lambda: not any(running(pid) for pid in children))
    await asyncio.to_thread(caller.wait)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text().split()]
    return found


@pytest.mark.parametrize("entry", [PYTHON, NODE])
async def test_stopping_ends_busy_workers_their_children_and_the_guard(
    functions: Functions, entry: str
) -> None:
    code = {
        PYTHON: "import subprocess\nchild = subprocess.Popen(['sleep', '1000'])\n"
        "def main(e, c):\n  while e: pass\n  return child.pid\n",
        NODE: "const child = require('child_process').spawn('sleep', ['1000']);\n"
        "exports.main = (e) => { while (e.loop) ; return child.pid; };\n",
    }[entry]
    functions.write("f", code, entry=entry)
    child = await functions.call("f")
    busy = asyncio.create_task(functions.call("f", {"loop": 1}))
    await asyncio.sleep(0)
    pids = [*functions.runner.pids(), child, functions.runner._host.guard.pid]
    await functions.runner.close()
    with pytest.raises(InvocationError, match="the emulator was stopped"):
        await busy
    await until(lambda: not any(running(pid) for pid in pids))


# Each has left the worker's session; the last one its parent too.
LEAVES = {
    PYTHON: "import os, subprocess\n"
    "def main(e, c):\n"
    "  child = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
    "  if e.get('exit'): open(e['exit'], 'w').write(str(child.pid)); os._exit(1)\n"
    "  return child.pid\n",
    NODE: "const { spawn } = require('child_process');\n"
    "exports.main = (e) => {\n"
    "  const child = spawn('sleep', ['1000'], { detached: true });\n"
    "  if (e.exit) { require('fs').writeFileSync(e.exit, String(child.pid)); process.exit(1); }\n"
    "  return child.pid; };\n",
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")


@linux
@pytest.mark.parametrize("entry", [PYTHON, NODE])
async def test_stopping_ends_children_that_left_their_session(
    functions: Functions, entry: str
) -> None:
    functions.write("f", LEAVES[entry], entry=entry)
    child = await functions.call("f")
    assert running(child)
    await functions.runner.close()
    await until(lambda: not running(child))


@linux
@pytest.mark.parametrize("entry", [PYTHON, NODE])
async def test_a_worker_that_ends_takes_them_with_it(
    functions: Functions, entry: str, tmp_path: Path
) -> None:
    functions.write("f", LEAVES[entry], entry=entry)
    functions.write("other", LEAVES[PYTHON])
    other = await functions.call("other")
    await functions.fail("f", {"exit": str(tmp_path / "pid")})
    child = int((tmp_path / "pid").read_text())
    await until(lambda: not running(child))
    assert running(other)


@linux
async def test_a_killed_emulator_leaves_none_of_them(
    functions: Functions, tmp_path: Path, begin: Begin
) -> None:
    loop = "  while e: pass\n"
    pid = tmp_path / "pid"
    code = LEAVES[PYTHON].replace(
        "  if e", f"  open({str(pid)!r}, 'w').write(str(child.pid))\n  if e"
    )
    functions.write("python", code.replace("  return", loop + "  return"))
    functions.write("node", ENDLESS[NODE], entry=NODE)
    process = begin([sys.executable, "-c", SERVE, str(functions.root)])
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    child = int(pid.read_text())
    assert running(child)
    process.kill()
    await until(lambda: not running(child))


async def test_no_descriptor_leaks_over_1000_restarts(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = make()
    functions.write("f", "")
    with monkeypatch.context() as patch:
        patch.setattr(Deployment, "command", lambda *_: ["/bin/true"])
        await functions.fail("f")
        before = descriptors()
        for _ in range(1000):
            assert (await functions.fail("f"))[1] == "the process ended with exit code 0"
    assert descriptors() <= before
    assert not functions.pool("f").crew.everyone()


async def test_no_descriptor_leaks_from_real_workers(functions: Functions) -> None:
    code = "import os\ndef main(e, c):\n  if e: os._exit(1)\n"
    functions.write("f", code)
    await functions.fail("f", {"exit": 1})
    before = descriptors()
    for _ in range(10):
        await functions.fail("f", {"exit": 1})
    await until(lambda: not functions.pool("f").crew.everyone())
    assert descriptors() <= before


def descriptors() -> int:
    """How many are open in this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())

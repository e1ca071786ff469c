"""Functions loaded anew when their files change, and what serves in the meantime."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
import pytest_asyncio

from openapi_shim.emulator.functions import last_good, watch
from openapi_shim.emulator.functions.watch import fingerprint, functions_of

from .conftest import NODE, PYTHON, Functions, Make, until

LANGUAGES = pytest.mark.parametrize("entry", [PYTHON, NODE])


def returns(entry: str, value: object) -> str:
    text = json.dumps(value)
    return {
        PYTHON: f"def main(e, c): return {text}\n",
        NODE: f"exports.main = () => {text};\n",
    }[entry]


@pytest_asyncio.fixture
async def watched(make: Make) -> Functions:
    return make(watch=True)


@LANGUAGES
async def test_a_saved_file(watched: Functions, entry: str) -> None:
    watched.write("f", returns(entry, 1), entry=entry)
    assert await watched.call("f") == 1
    watched.write("f", returns(entry, 2), entry=entry)
    await watched.answers("f", 2)
    assert "[f] its files changed" in watched.log()


async def test_modules_and_config_json_count(watched: Functions) -> None:
    code = "import lib\ndef main(e, c): return [lib.V, c['time_limit_in_ms']]"
    folder = watched.write("f", code)
    (folder / "lib.py").write_text("V = 1")
    assert await watched.call("f") == [1, 60000]
    (folder / "lib.py").write_text("V = 2")
    await watched.answers("f", [2, 60000])
    (folder / "config.json").write_text('{"timeout": 9}')
    await watched.answers("f", [2, 9000])


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("f/index.py", True),
        ("f/lib/deep/a.mjs", True),
        ("f/config.json", True),
        ("f/.env", True),
        ("f/lib", True),  # a folder that was moved here
        ("f/data.sqlite", False),
        ("f/out.txt", False),
        ("f/.index.py.swp", False),
        ("f/.#index.py", False),
        ("f/index.py~", False),
        ("f/node_modules/a/index.js", False),
        ("f/__pycache__/index.cpython-311.pyc", False),
        (".git/hooks/x.py", False),
    ],
)
def test_what_a_function_writes_does_not_count(tmp_path: Path, path: str, counts: bool) -> None:
    assert watch._counts(tmp_path / path, tmp_path, modified=False) is counts


@LANGUAGES
async def test_calls_in_flight_end_as_they_began(
    watched: Functions, entry: str, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    code = {
        PYTHON: "import os, time\ndef main(e, c):\n"
        "  while e.get('wait') and not os.path.exists(e['wait']): time.sleep(.01)\n"
        "  return VERSION\n",
        NODE: "const fs = require('fs'); exports.main = async (e) => {"
        " while (e.wait && !fs.existsSync(e.wait)) await new Promise((r) => setTimeout(r, 10));"
        " return VERSION; };\n",
    }[entry]
    watched.write("f", code.replace("VERSION", "1"), entry=entry)
    assert await watched.call("f") == 1
    flying = asyncio.create_task(watched.call("f", {"wait": str(go)}))
    await asyncio.sleep(0)
    (old,) = watched.pool("f").crew.serving
    watched.write("f", code.replace("VERSION", "2"), entry=entry)
    await watched.answers("f", 2)
    assert not flying.done()
    go.touch()
    assert await flying == 1
    await old.exited


@LANGUAGES
@pytest.mark.parametrize(
    ("python", "node"),
    [
        ("def main(e, c:", "exports.main = ("),
        ("import not_there_at_all", "require('not-there-at-all')"),
        ("import os; os._exit(3)", "process.exit(3)"),
        ("main = 5", "exports.main = 5"),
    ],
)
async def test_a_broken_file(watched: Functions, entry: str, python: str, node: str) -> None:
    watched.write("f", returns(entry, 1), entry=entry)
    assert await watched.call("f") == 1
    watched.write("f", {PYTHON: python, NODE: node}[entry], entry=entry)
    await watched.logged("[f] its new files cannot be loaded; the version before goes on serving")
    assert [await watched.call("f") for _ in range(3)] == [1, 1, 1]
    watched.write("f", returns(entry, 3), entry=entry)
    await watched.answers("f", 3)


async def test_a_broken_config_json(watched: Functions) -> None:
    folder = watched.write("f", returns(PYTHON, 1))
    assert await watched.call("f") == 1
    (folder / "config.json").write_text("{")
    await watched.logged("config.json, line 1, column 2: not JSON")
    assert await watched.call("f") == 1
    (folder / "config.json").unlink()
    watched.write("f", returns(PYTHON, 2))
    await watched.answers("f", 2)


async def test_the_last_good_worker_is_not_reaped(watched: Functions) -> None:
    watched.write("f", returns(PYTHON, 1))
    assert await watched.call("f") == 1
    watched.write("f", "broken(")
    await watched.logged("cannot be loaded")
    crew = watched.pool("f").crew
    crew.reap(float("inf"))
    assert await watched.call("f") == 1
    watched.write("f", returns(PYTHON, 2))
    await watched.answers("f", 2)
    crew.reap(float("inf"))
    assert watched.runner.pids() == []


@LANGUAGES
async def test_the_last_good_version_outlives_its_processes(watched: Functions, entry: str) -> None:
    """With what it loads later, and what lies beside it."""
    code = {
        PYTHON: "import os\ndef main(e, c):\n  if e: os._exit(1)\n  import late\n"
        "  return [late.V, open('data.txt').read(), open('../beside.txt').read()]\n",
        NODE: "const fs = require('fs');\nexports.main = (e) => {\n"
        "  if (e.exit) process.exit(1);\n"
        "  return [require('./late').V, fs.readFileSync('data.txt', 'utf8'),\n"
        "    fs.readFileSync('../beside.txt', 'utf8')]; };\n",
    }[entry]
    folder = watched.root / "f"
    folder.mkdir()
    late = folder / {PYTHON: "late.py", NODE: "late.js"}[entry]
    late.write_text({PYTHON: "V = 1", NODE: "exports.V = 1"}[entry])
    (folder / "data.txt").write_text("data")
    (watched.root / "beside.txt").write_text("beside")
    watched.write("f", code, {"concurrency": 2}, entry=entry)
    assert await watched.call("f") == [1, "data", "beside"]
    crew = watched.pool("f").crew
    await until(lambda: crew._good is not None)
    late.write_text("broken(")
    watched.write("f", "broken(", entry=entry)
    await watched.logged("cannot be loaded; the version before goes on serving")
    for _ in range(2):
        assert (await watched.fail("f", {"exit": 1}))[1] == "the process ended with exit code 1"
        assert await watched.call("f") == [1, "data", "beside"]
    assert crew.room > 0
    late.write_text({PYTHON: "V = 2", NODE: "exports.V = 2"}[entry])
    watched.write("f", code, entry=entry)
    await watched.answers("f", [2, "data", "beside"])
    assert not crew.stale
    copy = crew._good.function.folder if crew._good else folder
    await watched.runner.close()
    assert not copy.exists() or copy == folder


async def test_a_function_too_large_for_a_copy(
    watched: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_good, "BYTES_LIMIT", 10)
    watched.write("f", "import os\ndef main(e, c):\n  if e: os._exit(1)\n  return 1\n")
    assert await watched.call("f") == 1
    watched.write("f", "broken(")
    await watched.logged("cannot be loaded; the version before goes on serving")
    assert await watched.call("f") == 1
    await watched.fail("f", {"exit": 1})
    assert "SyntaxError" in (await watched.fail("f"))[1]


async def test_functions_come_and_go(watched: Functions) -> None:
    number, _ = await watched.fail("late")
    assert number == -501000
    watched.write("late", returns(NODE, 1), entry=NODE)
    assert await watched.call("late") == 1
    shutil.rmtree(watched.root / "late")
    await until(lambda: "late" not in watched.runner._pools)
    assert (await watched.fail("late"))[0] == -501000


async def test_a_file_beside_the_functions(watched: Functions) -> None:
    (watched.root / "shared.json").write_text("1")
    watched.write(
        "f", "import json\nV = json.load(open('../shared.json'))\ndef main(e, c): return V"
    )
    assert await watched.call("f") == 1
    (watched.root / "shared.json").write_text("2")
    await watched.answers("f", 2)


async def test_the_projects_config_json(watched: Functions) -> None:
    watched.write("f", returns(PYTHON, 1))
    await watched.call("f")
    (watched.root.parent / "config.json").write_text('{"permissions": {"openapi": ["a.b"]}}')

    def allowed() -> bool:
        serving = watched.pool("f").crew.serving
        return any(worker.deployment.permissions.allows("a.b") for worker in serving)

    await until(allowed)


async def test_a_folder_that_appears_later(make: Make) -> None:
    functions = make(watch=False)
    functions.root.rmdir()
    functions.runner.watch()
    await asyncio.sleep(0)
    functions.write("f", returns(PYTHON, 1))
    await functions.answers("f", 1)
    functions.write("f", returns(PYTHON, 2))
    await functions.answers("f", 2)


def test_whose_files_they_are(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "index.py", tmp_path / "a" / "b" / "c.py", tmp_path / "d"]
    assert functions_of(paths, tmp_path) == {"a", "d"}
    assert functions_of([tmp_path, tmp_path.parent / "x"], tmp_path) == {""}


def test_what_counts_as_changed(tmp_path: Path) -> None:
    (tmp_path / "index.py").touch()
    before = fingerprint(tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "a.js").touch()
    (tmp_path / "notes.txt").touch()
    assert fingerprint(tmp_path) == before
    (tmp_path / "index.py").write_text("x")
    assert fingerprint(tmp_path) != before

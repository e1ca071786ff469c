"""What bad functions get, in both languages: the platform's answer, and the next call works."""

from __future__ import annotations

import json
import sys

import pytest

from openapi_shim.emulator.functions.runner import EVENT_LIMIT
from openapi_shim.errors import InvocationError
from openapi_shim.wechat.tcb import Invocation

from .conftest import NODE, PYTHON, Functions

FAILED, TIMED_OUT, TOO_LARGE = -504002, -504003, -604001
LANGUAGES = pytest.mark.parametrize("entry", [PYTHON, NODE])


def body(entry: str, python: str, node: str) -> str:
    """A function that does something bad, unless its event says otherwise."""
    if entry == PYTHON:
        return f"def main(event, context):\n    if event.get('good'): return 1\n    {python}\n"
    return f"exports.main = (event) => {{ if (event.good) return 1; {node} }};\n"


async def check_next(functions: Functions) -> None:
    assert await functions.call("bad", {"good": True}) == 1


@LANGUAGES
async def test_one_that_never_ends(functions: Functions, entry: str) -> None:
    code = body(entry, "while True: pass", "for (;;) ;")
    functions.write("bad", code, {"timeout": 0.3}, entry)
    assert await functions.fail("bad") == (
        TIMED_OUT,
        "Invoking task timed out after 0.3 seconds",
    )


@LANGUAGES
async def test_one_that_never_answers(functions: Functions, entry: str) -> None:
    code = body(
        entry,
        "import asyncio; return asyncio.Event().wait()",
        "return new Promise(() => {});",
    )
    functions.write("bad", code, {"timeout": 0.3}, entry)
    assert (await functions.fail("bad"))[0] == TIMED_OUT


@LANGUAGES
async def test_one_that_eats_memory(functions: Functions, entry: str) -> None:
    """Piece by piece: no single allocation is too large."""
    code = body(
        entry,
        "a = []\n    while True: a.append(b'x' * 1_000_000)",
        "const a = []; for (;;) a.push(Buffer.alloc(1e6, 1));",
    )
    functions.write("bad", code, {"memorySize": 128, "timeout": 60}, entry)
    code_number, text = await functions.fail("bad")
    assert code_number == FAILED
    assert "memory limit exceeded, 128 MB" in text
    await check_next(functions)


async def test_one_that_fills_nodes_heap(functions: Functions) -> None:
    code = body(NODE, "", "const a = []; for (;;) a.push({ a: [1, 2, 3], b: `${a.length}` });")
    functions.write("bad", code, {"memorySize": 96, "timeout": 60}, NODE)
    assert "memory limit exceeded, 96 MB" in (await functions.fail("bad"))[1]


async def test_one_monstrous_allocation(functions: Functions) -> None:
    functions.write("bad", body(PYTHON, "return len(bytearray(10**12))", ""))
    assert await functions.fail("bad") == (FAILED, "MemoryError:  (index.py, line 3)")


@LANGUAGES
@pytest.mark.parametrize(
    ("python", "node", "how"),
    [
        ("import os; os._exit(0)", "process.exit(0);", "ended with exit code 0"),
        ("import os; os._exit(1)", "process.exit(1);", "ended with exit code 1"),
        (
            "import os; os.kill(os.getpid(), 9)",
            "process.kill(process.pid, 'SIGKILL'); for (;;) ;",
            "was ended by SIGKILL",
        ),
    ],
)
async def test_one_that_ends_its_process(
    functions: Functions, entry: str, python: str, node: str, how: str
) -> None:
    functions.write("bad", body(entry, python, node), entry=entry)
    assert await functions.fail("bad") == (FAILED, f"the process {how}")
    await check_next(functions)


@LANGUAGES
async def test_one_that_writes_100_megabytes(functions: Functions, entry: str) -> None:
    code = body(
        entry,
        "\n    for _ in range(1000): print('x' * 99_999)\n    return 'done'",
        "const line = 'x'.repeat(99999); for (let i = 0; i < 1000; i += 1) console.log(line);"
        " return 'done';",
    )
    functions.write("bad", code, entry=entry)
    assert await functions.call("bad") == "done"
    log = functions.log()
    assert "printed more than 500 lines; the rest is not shown" in log
    assert len(log) < 2_000_000
    await check_next(functions)


@pytest.mark.parametrize(
    "result", ["object()", "b'bytes'", "float('nan')", "float('inf')", "{1, 2}", "c", "{(1, 2): 3}"]
)
async def test_what_json_cannot_hold_in_python(functions: Functions, result: str) -> None:
    functions.write("bad", body(PYTHON, f"c = []; c.append(c); return {result}", ""))
    number, text = await functions.fail("bad")
    assert number == FAILED
    assert text.startswith("TypeError: main returned what cannot be sent as JSON (")
    await check_next(functions)


@pytest.mark.parametrize("result", ["10n", "c"])
async def test_what_json_cannot_hold_in_node(functions: Functions, result: str) -> None:
    functions.write("bad", body(NODE, "", f"const c = []; c.push(c); return {result};"), entry=NODE)
    number, text = await functions.fail("bad")
    assert number == FAILED
    assert text.startswith("TypeError: main returned what cannot be sent as JSON (")
    await check_next(functions)


@pytest.mark.parametrize(
    ("result", "arrives"),
    [
        ("NaN", None),
        ("undefined", None),
        ("Buffer.from('a')", {"type": "Buffer", "data": [97]}),
        ("'\\ud800'", "\ud800"),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
    ],
)
async def test_what_node_makes_json_of(functions: Functions, result: str, arrives: object) -> None:
    """As on the platform, whose functions are sent by ``JSON.stringify`` too."""
    functions.write("bad", body(NODE, "", f"return {result};"), entry=NODE)
    assert await functions.call("bad") == arrives


@LANGUAGES
async def test_a_result_of_5_megabytes(functions: Functions, entry: str) -> None:
    functions.write(
        "bad", body(entry, "return 'x' * 5_000_000", "return 'x'.repeat(5e6);"), entry=entry
    )
    assert await functions.fail("bad") == (
        TOO_LARGE,
        "cloudfunction result size exceed limit (1MB)",
    )
    assert "main returned 5000002 bytes of JSON; the limit is 1048576" in functions.log()
    await check_next(functions)


@pytest.mark.parametrize(
    ("entry", "code", "text"),
    [
        (PYTHON, "def handler(e, c): pass", "main(event, context); found: handler"),
        (PYTHON, "", "main(event, context); found: no functions"),
        (NODE, "exports.handler = () => 1;", "exports.main(event, context); found: handler"),
        (NODE, "", "exports.main(event, context); found: no exports"),
        (NODE, "module.exports = null;", "found: no exports"),
        (PYTHON, "def main(e, c):\n  retrun 1", "SyntaxError: invalid syntax (index.py, line 2)"),
        (NODE, "\nexports.main = (e) => { retrun 1 };", "SyntaxError: Unexpected number"),
        (NODE, "\n\nthrow new RangeError('no');", "RangeError: no (index.js, line 3)"),
        (NODE, "throw 'text';", "Error: text"),
        (
            PYTHON,
            "import yaml_that_is_missing",
            f"install it: {sys.executable} -m pip install yaml_that_is_missing",
        ),
        (NODE, "require('not-there/sub');", "Cannot find module 'not-there/sub'; install it: npm"),
        (NODE, "require('@a/not-there');", " @a/not-there"),
        (NODE, "require('./lib');", "Cannot find module './lib' (index.js, line 1)"),
    ],
)
async def test_one_that_cannot_be_loaded(
    functions: Functions, entry: str, code: str, text: str
) -> None:
    functions.write("bad", code, entry=entry)
    number, told = await functions.fail("bad")
    assert number == FAILED
    assert text in told
    assert functions.runner.pids() == []


async def test_a_listed_package_that_is_not_installed(functions: Functions) -> None:
    folder = functions.write("bad", "require('lodash-like');", entry=NODE)
    (folder / "package.json").write_text('{"dependencies": {"lodash-like": "1"}}')
    _, told = await functions.fail("bad")
    assert f"install it: npm install --prefix {folder} (" in told


@LANGUAGES
async def test_an_error_nests_and_its_trace_is_logged(functions: Functions, entry: str) -> None:
    code = body(entry, "raise KeyError('k')", "throw new TypeError('k');")
    functions.write("bad", code, entry=entry)
    _, text = await functions.fail("bad")
    expected = {
        PYTHON: "KeyError: 'k' (index.py, line 3)",
        NODE: "TypeError: k (index.js, line 1)",
    }
    assert text == expected[entry]
    trace = "Traceback (most recent call last)" if entry == PYTHON else "    at "
    assert f"[bad {'00000001'}] " in functions.log()
    assert trace in functions.log()
    await check_next(functions)


@pytest.mark.parametrize(
    "late", ["Promise.reject(new Error('late'))", "setTimeout(() => { throw new Error('late'); })"]
)
async def test_what_nobody_catches_in_node(functions: Functions, late: str) -> None:
    code = body(NODE, "", f"{late}; return new Promise(() => {{}});")
    functions.write("bad", code, entry=NODE)
    number, text = await functions.fail("bad")
    assert (number, text.partition(" (")[0]) == (FAILED, "Error: late")
    await check_next(functions)


async def test_an_unknown_function(functions: Functions) -> None:
    functions.write("good", "def main(e, c): pass")
    functions.write("other", "exports.main = () => 1", entry=NODE)
    number, text = await functions.fail("goood")
    assert number == -501000
    assert "found: good, other; did you mean good?" in text


async def test_an_event_of_7_megabytes(functions: Functions) -> None:
    functions.write("good", "def main(e, c): return len(e['a'])")
    whole = json.dumps({"a": "x" * (EVENT_LIMIT - 9)})
    assert len(whole) == EVENT_LIMIT
    assert await functions.runner.invoke(Invocation("good", whole)) == str(EVENT_LIMIT - 9)
    with pytest.raises(
        InvocationError, match=r"7000009 bytes; the limit is 6291456 \(6 MB\)"
    ) as caught:
        await functions.call("good", {"a": "x" * 7_000_000})
    assert caught.value.errcode == -501007


@LANGUAGES
async def test_an_event_that_is_no_json(functions: Functions, entry: str) -> None:
    """The doors of the emulator let none through; the worker does not fall over it."""
    functions.write("bad", body(entry, "", ""), entry=entry)
    with pytest.raises(InvocationError) as caught:
        await functions.runner.invoke(Invocation("bad", "{"))
    assert caught.value.errcode == FAILED
    await check_next(functions)


async def test_both_entries_and_no_word_which(functions: Functions) -> None:
    functions.write("two", "exports.main = () => 'node'", entry=NODE)
    functions.write("two", "def main(e, c): return 'python'")
    number, text = await functions.fail("two")
    assert number == FAILED
    assert "has index.py and index.js: say which counts" in text
    functions.write("two", "def main(e, c): return 'python'", {"runtime": "Nodejs18.15"})
    assert await functions.call("two") == "node"
    functions.write("one", "def main(e, c): return 1", {"runtime": "Nodejs18.15"})
    assert "runtime is 'Nodejs18.15', but there is index.py" in (await functions.fail("one"))[1]


async def test_no_node(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    functions.write("bad", "exports.main = () => 1", entry=NODE)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "there is no node on the PATH" in (await functions.fail("bad"))[1]

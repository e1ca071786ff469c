"""``openapi-shim invoke`` on behalf of a user of one's choice."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import NODE, Functions

SHIM = str(Path(sys.executable).with_name("openapi-shim"))
WHO = """
    exports.main = (event) => [
      event.userInfo || null, process.env.WX_OPENID, process.env.TCB_SOURCE,
    ];
"""


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ([], [None, "", "wx_http"]),
        (["--source", "wx_trigger"], [None, "", "wx_trigger"]),
        (
            ["--openid", "o123"],
            [{"appId": "wx0000000000000000", "openId": "o123"}, "o123", "wx_devtools"],
        ),
        (
            ["--openid", "o123", "--source", "wx_client,scf"],
            [{"appId": "wx0000000000000000", "openId": "o123"}, "o123", "wx_client,scf"],
        ),
    ],
)
async def test_a_caller_of_ones_choice(
    functions: Functions, options: list[str], result: object
) -> None:
    functions.write("who", WHO, entry=NODE)
    done = await invoke(functions, *options)
    assert json.loads(done.stdout) == result, done.stderr


async def test_what_is_no_caller(functions: Functions) -> None:
    functions.write("who", WHO, entry=NODE)
    done = await invoke(functions, "--openid", "o 1")
    assert done.returncode == 1
    assert "openid is letters, digits, - and _" in done.stderr


async def invoke(functions: Functions, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [SHIM, "invoke", "who", "--functions-dir", str(functions.root), *options]
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )

"""One project, its packages, and an emulator as the far side, for all tests here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).with_name("openapi-shim")
ROOT = Path(__file__).parents[3]
KEYS = ("AKIDtest", "not-really-secret")

WHO = """
import tomli
from openapi_shim import cloud

async def main(event, context):
    return {"who": cloud.getWXContext(), "toml": tomli.loads(event["toml"]), "event": event}
"""


def clean_environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAPI_SHIM_", "TCB_", "WX_", "TENCENTCLOUD_"))
    }
    return kept | more


def shim(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=clean_environment(**more),
    )


def new_project(folder: Path) -> Path:
    """A project with our own function, and one that has a requirement and a secret."""
    shutil.copytree(ROOT / "functions", folder / "functions")
    shutil.copy(ROOT / "config.json", folder)
    who = folder / "functions" / "who"
    (who / "tests").mkdir(parents=True)
    (who / "index.py").write_text(WHO)
    (who / "requirements.txt").write_text("openapi-shim\ntomli==2.2.1\n")
    (who / "tests" / "test_who.py").write_text("")
    (who / ".env").write_text("SECRET=hunter2")
    return folder


@dataclass(frozen=True)
class Built:
    """A project whose packages were made."""

    project: Path
    out: Path
    summary: dict[str, Any]
    said: str


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = new_project(tmp_path_factory.mktemp("project"))
    done = shim("package", "cloudbase", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    return Built(project, project / "dist" / "cloudbase", json.loads(done.stdout), done.stderr)


@pytest.fixture(scope="package")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real one, which checks appid, secret and the gateway's signatures."""
    process = subprocess.Popen(
        [COMMAND, "start", "--port", "0", "--no-watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=clean_environment(
            OPENAPI_SHIM_EMULATOR_APPID="wx-package",
            OPENAPI_SHIM_EMULATOR_SECRET="s-package",
            OPENAPI_SHIM_GATEWAY_SECRET_ID=KEYS[0],
            OPENAPI_SHIM_GATEWAY_SECRET_KEY=KEYS[1],
            OPENAPI_SHIM_STATE_DIR=str(tmp_path_factory.mktemp("state")),
        ),
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert match, first
        yield match[0]
    finally:
        process.terminate()
        process.communicate()

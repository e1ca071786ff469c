"""What the README shows first is what the command prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_first_example(readme: str) -> None:
    photo = "tests/data/specimens/current_normal.jpg"
    command = ["-m", "openapi_shim", "invoke", "driverLicense", "--image", photo]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shown = f"$ openapi-shim invoke driverLicense --image {photo}\n{done.stdout}```"
    assert shown in (ROOT / readme).read_text("utf-8")

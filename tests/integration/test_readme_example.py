"""What the READMEs show is what the commands print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("readme", READMES)
def test_the_first_example(readme: str) -> None:
    photo = "tests/data/specimens/current_normal.jpg"
    command = ["-m", "openapi_shim", "invoke", "driverLicense", "--image", photo]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shown = f"$ openapi-shim invoke driverLicense --image {photo}\n{done.stdout}```"
    assert shown in (ROOT / readme).read_text("utf-8")


def test_what_start_prints() -> None:
    command = [sys.executable, "-m", "openapi_shim", "start", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as start:
        assert start.stdout is not None
        lines = []
        for line in start.stdout:
            lines.append(line)
            if "weights loaded" in line:
                break
        start.terminate()
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8420", "".join(lines))
    printed = printed.replace(str(ROOT), "/path/to/project")
    printed = re.sub(r"in [\d.]+ s", "in 0.3 s", printed)
    for readme in READMES:
        assert f"$ openapi-shim start\n{printed}```" in (ROOT / readme).read_text("utf-8")

"""The wheel, in a clean environment with the SDK's own dependencies alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([*UV, "build", "-q", "--wheel", "--out-dir", out, ROOT], check=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    venv = tmp_path_factory.mktemp("venv")
    interpreter = venv / "bin" / "python"
    subprocess.run([*UV, "venv", "-q", "--clear", "--python", sys.executable, venv], check=True)
    lock = ROOT / "requirements" / "dev.lock"
    install = [*UV, "pip", "install", "-q", "--python", interpreter, "--constraint", lock, wheel]
    subprocess.run([str(word) for word in install], check=True)
    return interpreter


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [python, *arguments], capture_output=True, text=True, cwd="/", env=clean, check=False
    )


def test_it_holds_the_package_and_its_types_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "openapi_shim/py.typed" in names
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {"openapi_shim"}


def test_the_sdk_works_without_the_extras(python: Path) -> None:
    code = (
        "import asyncio, json, sys\n"
        "from openapi_shim import CloudError, cloud\n"
        "cloud.init({'env': cloud.DYNAMIC_CURRENT_ENV})\n"
        "async def main():\n"
        "    try:\n"
        "        await cloud.openapi.ocr.driverLicense(imgUrl='http://h/1.jpg')\n"
        "    except CloudError as error:\n"
        "        return error.to_dict()\n"
        "answer = asyncio.run(main())\n"
        "heavy = {'numpy', 'cv2', 'onnxruntime', 'rapidocr', 'PIL', 'typer', 'rich'}\n"
        "print(json.dumps([answer, sorted(heavy & set(sys.modules))]))\n"
    )
    done = run(python, "-c", code)
    assert done.stderr == ""
    answer, heavy = json.loads(done.stdout)
    assert answer["errCode"] == -604101  # no config.json: nothing is allowed
    assert heavy == []


def test_the_command_without_its_extra_says_how_to_get_it(python: Path) -> None:
    done = run(python, "-m", "openapi_shim", "start")
    assert done.returncode == 2
    assert "pip install '.[all]'" in done.stderr
    assert "Traceback" not in done.stderr

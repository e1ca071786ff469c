"""The packages a function ships with: wheels for the platform, by a lock with hashes."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from openapi_shim.errors import ConfigError

LOCK = Path(__file__).with_name("cloudbase.lock")
_PLATFORM = "x86_64-manylinux2014"
_PYTHON = "3.10"
_SECONDS = 600.0
# Of no use where nothing is installed any more, and different from machine to machine.
_BOOKKEEPING = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
_NEXT_STEPS = {
    r"Failed to fetch|error sending request|[Cc]onnection|dns error|timed out": (
        "the package index cannot be reached: check the network, or name a mirror by "
        "UV_DEFAULT_INDEX=https://…/simple"
    ),
    r"no wheels|no usable wheels|Wheels are required": (
        f"there is no wheel of it for {_PLATFORM} and Python {_PYTHON}: take another version or "
        "package, or deploy the function as an image (docs/self-hosting.md)"
    ),
    r"was not found|no versions? of|no version of": (
        "check the names and versions in requirements.txt"
    ),
    r"unsatisfiable": (
        "requirements.txt asks for other versions than those the SDK comes with: take the line "
        "out, or let its range have them (openapi_shim/packaging/cloudbase.lock)"
    ),
    r"parse requirement": "mend that line of requirements.txt",
    r"[Hh]ash mismatch": "the index serves another file than the locked one: do not use it",
}


def install_sdk(target: Path) -> None:
    """Put what the SDK needs into *target*: the locked versions, each file checked by its hash.

    Raises:
        ConfigError: that was not possible; the text has the next step.
    """
    _install(target, ["--require-hashes", "--no-deps", "-r", str(LOCK)])


def install_requirements(target: Path, requirements: Path) -> None:
    """Add what a function's requirements.txt asks for, beside the SDK's locked versions.

    ``openapi-shim`` itself may stand there: it is never looked for on an index.

    Raises:
        ConfigError: that was not possible; the text has the next step.
    """
    with tempfile.TemporaryDirectory(prefix="openapi-shim-") as folder:
        own = Path(folder, "excludes.txt")
        own.write_text("openapi-shim\n", "ascii")
        _install(target, ["-r", str(requirements), "-c", str(LOCK), "--excludes", str(own)])


def _install(target: Path, what: Sequence[str]) -> None:
    command = [
        *_uv(), "pip", "install", "--quiet", "--target", str(target),
        "--python", sys.executable, "--python-version", _PYTHON, "--python-platform", _PLATFORM,
        "--only-binary", ":all:", "--link-mode", "copy", "--no-compile-bytecode", *what,
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603  (uv, and paths as arguments of their own)
            command, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigError(
            f"packages did not arrive within {_SECONDS:g} s: check the network"
        ) from error
    if done.returncode:
        raise ConfigError(_told(done.stderr))
    _tidy(target)


def _uv() -> list[str]:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    program = shutil.which("uv")
    if program is None:
        raise ConfigError(
            "packages for another platform are fetched by uv, which is not installed: "
            "pip install uv"
        )
    return [program]


def _told(stderr: str) -> str:
    """What uv says, in one line, and what to do."""
    said = " ".join(re.sub(r"^\s*(error|cause):", "", line) for line in stderr.splitlines())
    text = re.sub(r"\s+", " ", said).strip()[:1500]
    steps = [step for pattern, step in _NEXT_STEPS.items() if re.search(pattern, text)]
    return f"packages cannot be had: {text}{'. Next: ' + steps[0] if steps else ''}"


def _tidy(target: Path) -> None:
    """Remove what is the installer's own, and commands, which name this machine's Python."""
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)
    for folder, _, names in os.walk(target):
        if folder.endswith(".dist-info"):
            for name in _BOOKKEEPING:
                if name in names:
                    Path(folder, name).unlink()

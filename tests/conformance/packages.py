"""Installs the clients of npm and pip, once, at the versions and hashes of their lock files."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = Path(__file__).parent / "python"
NODE = Path(__file__).parent / "node"
_LOCK = NODE / "package-lock.json"
_MODULES = NODE / "node_modules"
_STAMP = _MODULES / ".installed"


def install() -> Path:
    """The folder of the packages, installed if it is not there or from another lock file."""
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            raise RuntimeError(
                f"{command} is missing: the conformance tests run npm packages; "
                "install Node.js 18 or newer with npm (`sudo make system` on Debian)"
            )
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come here at a time
        if not _STAMP.exists() or _STAMP.read_text("utf-8") != wanted:
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=NODE,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise RuntimeError(f"npm ci failed in {NODE}:\n{done.stderr}")
            _STAMP.write_text(wanted, "utf-8")
    return _MODULES


def python_of(packages: str) -> Path:
    """The interpreter of an environment with the packages of ``python/<packages>.lock``."""
    source = PYTHON / f"{packages}.lock"
    folder = ROOT / f".venv-conformance-{packages}"
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = hashlib.sha256(source.read_bytes()).hexdigest()
    with source.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            _uv("venv", "--clear", "--python", sys.executable, str(folder))
            _uv("pip", "sync", "--python", str(python), "--require-hashes", str(source))
            stamp.write_text(wanted, "utf-8")
    return python


def _uv(*arguments: str) -> None:
    command = [str(Path(sys.executable).with_name("uv")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"uv {' '.join(arguments)} failed:\n{done.stderr}")


if __name__ == "__main__":
    print(f"npm packages of the conformance tests: {install()}")  # noqa: T201

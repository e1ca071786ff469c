"""Folders of a run: each its own, and none for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from openapi_shim.serving.run_folder import RunFolder

_DIES = """
import os, pathlib, signal, sys
from openapi_shim.serving.run_folder import RunFolder
folder = RunFolder(pathlib.Path(sys.argv[1]))
(folder.path / "counter_1.db").touch()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_server_left_is_removed_by_the_next(tmp_path: Path) -> None:
    state = tmp_path / "state"
    died = subprocess.run([sys.executable, "-c", _DIES, str(state)], check=False)
    assert died.returncode == -signal.SIGKILL
    (left,) = state.iterdir()
    folder = RunFolder(state)
    assert folder.path != left
    assert list(state.iterdir()) == [folder.path]
    folder.remove()
    assert not list(state.iterdir())


def test_servers_beside_each_other_keep_theirs(tmp_path: Path) -> None:
    one, other = RunFolder(tmp_path), RunFolder(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([one.path, other.path])
    assert one.path.stat().st_mode & 0o777 == 0o700
    one.remove()
    third = RunFolder(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([other.path, third.path])
    other.remove()
    third.remove()

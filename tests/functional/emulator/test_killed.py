"""Real processes that share tokens and quota, some of them killed with SIGKILL in the middle."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from openapi_shim.stores.sqlite import SqliteStore
from openapi_shim.wechat.quota import Quota

OCR = "ocr.driverLicense"
LIMIT, BOUGHT = 300, 150
KILLED_AFTER = (5, 15, 25)  # answers


def start(folder: Path) -> subprocess.Popen[str]:
    script = str(Path(__file__).with_name("charging.py"))
    return subprocess.Popen(
        [sys.executable, script, str(folder), str(LIMIT), str(BOUGHT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def lines_of(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def rest_of(process: subprocess.Popen[str]) -> list[str]:
    """What is left to read. ``communicate`` would miss the lines that ``readline`` read ahead."""
    assert process.stdout is not None
    told = process.stdout.read().split()
    process.wait()
    return told


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Five that all begin at once."""
    made = [start(tmp_path) for _ in range(2 + len(KILLED_AFTER))]
    try:
        assert [lines_of(one, 1) for one in made] == [["ready"]] * len(made)
        for one in made:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        yield made
    finally:
        for one in made:
            one.kill()
            one.wait()
            for stream in (one.stdin, one.stdout):
                assert stream is not None
                stream.close()


async def test_nothing_is_charged_twice_and_nothing_is_lost(
    processes: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    """Each answer that a caller got is counted; at most one more for each that was killed."""
    answers: list[str] = []
    for victim, count in zip(processes, KILLED_AFTER, strict=False):
        answers += lines_of(victim, count)
        victim.kill()
        answers += rest_of(victim)
    for process in processes[len(KILLED_AFTER) :]:
        told = rest_of(process)
        assert told[-1] == "101003"
        answers += told
    killed = sum(process.returncode == -signal.SIGKILL for process in processes)
    assert killed, "one at least was killed before the quota was used up"
    tokens = [answer for answer in answers if answer not in ("101003", "")]
    assert len(set(tokens)) == 1, "all called with one stable token, and none was lost"
    assert LIMIT + BOUGHT - killed <= len(tokens) <= LIMIT + BOUGHT

    store = SqliteStore(tmp_path / "state.sqlite")
    quota = Quota(store, LIMIT, time.time, bought=BOUGHT)
    assert await quota.used("wx1", OCR) == LIMIT
    assert await quota.spent("wx1", OCR) == BOUGHT
    await store.close()

"""What the emulator remembers: across a restart, for several processes, and when it cannot."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path

from .conftest import JPEG, Emulate


async def test_tokens_and_quota_outlive_a_restart(emulate: Emulate, tmp_path: Path) -> None:
    before = await emulate(daily_quota=2)
    assert (await before.upload(JPEG)).errcode == 0
    after = await emulate(daily_quota=2)  # as the first had been killed: it was not stopped
    after.token = before.token
    assert (await after.upload(JPEG)).errcode == 0
    answer = await after.upload(JPEG)
    assert answer.errcode == 101003
    state = tmp_path / "state" / "state.sqlite"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


async def test_two_emulators_with_one_folder_share_the_quota(emulate: Emulate) -> None:
    both = [await emulate(daily_quota=5), await emulate(daily_quota=5)]
    answers = await asyncio.gather(*(one.upload(JPEG) for one in both * 5))
    assert sorted(answer.errcode for answer in answers) == [0] * 5 + [101003] * 5
    read = [content for one in both for content in one.recognizer.seen]
    assert len(read) >= 5


async def test_a_removed_folder_is_a_new_beginning(emulate: Emulate, tmp_path: Path) -> None:
    emulator = await emulate(daily_quota=1)
    assert (await emulator.upload(JPEG)).errcode == 0
    assert (await emulator.upload(JPEG)).errcode == 101003
    for path in (tmp_path / "state").iterdir():
        path.unlink()
    emulator.token = await emulator.new_token()
    assert (await emulator.upload(JPEG)).errcode == 0


async def test_state_that_cannot_be_kept_is_minus_one_with_the_reason(
    emulate: Emulate, tmp_path: Path
) -> None:
    emulator = await emulate()
    file = tmp_path / "state" / "state.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("DROP TABLE counts")
    other.close()
    answer = await emulator.upload(JPEG)
    assert answer.errcode == -1
    assert f"The SQLite store {file} failed" in answer.reason

"""The journal: real SQLite files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openapi_shim.batch.journal import Journal
from openapi_shim.batch.photos import Found
from openapi_shim.batch.reading import Read
from openapi_shim.batch.results import Failure, Outcome
from openapi_shim.errors import BatchStoppedError

NAMES = [f"{number:03}.jpg" for number in range(450)]  # more than two pages


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "job")
    with journal.listing(retry=False) as listing:
        for name in NAMES:
            listing.put(Found(name, 1, 2))
    return journal


def test_what_has_no_result_waits(journal: Journal) -> None:
    assert list(journal.waiting()) == NAMES
    for name in NAMES[::2]:
        journal.keep(Read(Outcome(name, "ab", {"name": "x"})))
    assert list(journal.waiting()) == NAMES[1::2]
    assert len(list(journal.lines())) == len(NAMES) // 2
    total, done, gone = journal.counts()
    assert (total, done, gone) == (450, {"": 225}, 0)


def test_a_listing_is_taken_over_whole_or_not_at_all(journal: Journal) -> None:
    journal.keep(Read(Outcome(NAMES[0], failure=Failure.UNREADABLE, reason="no")))

    def interrupted() -> None:
        with journal.listing(retry=False) as listing:
            listing.put(Found("new.jpg", 1, 2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "new.jpg" not in list(journal.waiting())
    assert journal.counts()[1] == {"unreadable": 1}


def test_a_result_outlives_a_listing_and_a_change_ends_it(journal: Journal) -> None:
    journal.keep(Read(Outcome("000.jpg", "ab", {"name": "x"}), 10, 20))
    with journal.listing(retry=False) as listing:
        assert listing.is_as_before(Found("000.jpg", 10, 20))
        assert not listing.is_as_before(Found("000.jpg", 10, 21))
        assert listing.sha256("000.jpg") == "ab"
        assert listing.sha256("001.jpg") == ""
        listing.forget_waiting()
    assert list(journal.waiting()) == []
    with journal.listing(retry=False) as listing:
        listing.put(Found("000.jpg", 11, 21))
    assert list(journal.waiting()) == ["000.jpg"]


def test_a_full_disk_is_told_and_what_was_kept_stays(journal: Journal) -> None:
    journal.keep(Read(Outcome("000.jpg", "ab", {"name": "x"})))
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "disk is full"
    large = {"name": "x" * 1_000_000}
    with pytest.raises(BatchStoppedError, match=r"database or disk is full.*submit again"):
        journal.keep(Read(Outcome("001.jpg", "ab", large)))
    assert list(journal.waiting()) == NAMES[1:]


def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_text("something else " * 100)
    with pytest.raises(BatchStoppedError, match="file is not a database"):
        Journal(tmp_path)


def test_names_that_are_no_utf8(journal: Journal) -> None:
    name = os.fsdecode(b"\xff.jpg")
    with journal.listing(retry=False) as listing:
        listing.put(Found(name))
    assert list(journal.waiting())[-1] == name
    journal.keep(Read(Outcome(name, "ab", {"name": "照"})))
    assert list(journal.lines()) == [
        '{"file": "\\udcff.jpg", "sha256": "ab", "fields": {"name": "\\u7167"}}'
    ]

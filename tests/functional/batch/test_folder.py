"""A batch on a folder with real worker processes; the recognizer does as the photos say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.batch.folder import TRIES, Crewing, FolderJob
from openapi_shim.batch.results import Orders, State, Summary
from openapi_shim.errors import BatchError, BatchStoppedError
from tests.functional.batch.recognizers import SEEN, broken, readings, scripted, unloadable

ROOT = Path(__file__).parents[3]


@dataclass
class Place:
    """A folder of photos, and where its job lives."""

    photos: Path
    state: Path
    seen: Path

    def put(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.photos / f"{name}.jpg").write_text(text, "utf-8")

    def job(self, **more: Any) -> FolderJob:
        return FolderJob.of(self.state, self.photos, Crewing(**({"factory": scripted} | more)))

    def submit(self, **orders: Any) -> Summary:
        return self.job().submit(Orders(**({"workers": 2} | orders)))

    def read(self) -> list[str]:
        return readings(self.seen)

    def results(self) -> dict[str, Any]:
        lines = [json.loads(line) for line in self.job().lines()]
        assert len(lines) == len({line["file"] for line in lines})
        return {line["file"]: line for line in lines}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path / "photos", tmp_path / "state", tmp_path / "seen")
    for folder in (made.photos, made.seen):
        folder.mkdir()
    monkeypatch.setenv(SEEN, str(made.seen))
    return made


def test_each_photo_has_one_result(place: Place) -> None:
    place.put(a="fine a", b="none", c="rubbish")
    (place.photos / "深" / "层").mkdir(parents=True)
    (place.photos / "深" / "层" / "照 片.JPG").write_text("fine d")
    summary = place.submit()
    assert (summary.state, summary.total, summary.read) == (State.FINISHED, 4, 2)
    assert summary.failures == {"no_licence": 1, "not_an_image": 1}
    results = place.results()
    assert results["深/层/照 片.JPG"]["fields"]["name"] == "name of d"
    assert results["a.jpg"]["confidence"]["name"] == 0.9
    assert results["b.jpg"]["error"]["code"] == "no_licence"
    assert [json.loads(line) for line in Path(summary.results).read_text("utf-8").splitlines()] == [
        results[name] for name in sorted(results, key=str.encode)
    ]


def test_submitted_again_only_what_is_new_or_changed_is_read(place: Place) -> None:
    place.put(a="fine a", b="fine b", c="fine c", d="none")
    place.submit()
    place.put(b="fine other", e="fine e")
    os.utime(place.photos / "c.jpg", (1, 1))  # another time, the same content
    summary = place.submit()
    assert sorted(place.read()) == sorted(
        ["fine a", "fine b", "fine c", "none", "fine other", "fine e"]
    )
    assert (summary.total, summary.read, summary.failed) == (5, 4, 1)
    assert place.results()["b.jpg"]["fields"]["name"] == "name of other"


def test_nothing_new_is_nothing_to_do(place: Place) -> None:
    place.put(a="fine a")
    assert place.submit() == place.submit()
    assert place.read() == ["fine a"]


def test_a_result_outlives_its_photo(place: Place) -> None:
    place.put(a="fine a", b="fine b")
    place.submit()
    (place.photos / "b.jpg").unlink()
    summary = place.submit()
    assert summary.total == 2
    assert "1 photos are no longer in the folder; their results are kept" in summary.notes
    assert set(place.results()) == {"a.jpg", "b.jpg"}


def test_failures_are_read_again_only_when_asked_for(place: Place) -> None:
    place.put(a="fine a", b="none")
    place.submit()
    place.submit(retry=True)
    assert sorted(place.read()) == ["fine a", "none", "none"]


def test_a_photo_that_cannot_be_opened_is_tried_at_the_next_time(place: Place) -> None:
    place.put(a="fine a")
    # As root every file can be opened: one that went away between listing and reading cannot.
    (place.photos / "b.jpg").write_text("fine b")
    job = place.job()

    def vanish(summary: Summary) -> None:
        if not summary.done:
            (place.photos / "b.jpg").unlink()

    summary = job.submit(Orders(workers=1), vanish)
    assert summary.failures == {"unreadable": 1}
    assert "Mend that and submit again" in place.results()["b.jpg"]["error"]["reason"]
    place.put(b="fine b")
    assert place.submit().read == 2


def test_a_photo_that_ends_its_process_is_tried_three_times_and_the_rest_goes_on(
    place: Place,
) -> None:
    place.put(a="die", **{f"p{number}": f"fine {number}" for number in range(6)})
    summary = place.submit()
    assert (summary.read, summary.failures) == (6, {"crashed": 1})
    assert place.read().count("die") == TRIES
    assert len(place.read()) == TRIES + 6
    assert "SIGKILL" in place.results()["a.jpg"]["error"]["reason"]
    assert place.submit().failures == {"crashed": 1}  # and is not tried by itself again
    assert place.read().count("die") == TRIES


def test_a_photo_that_hangs_is_given_up(place: Place) -> None:
    place.put(a="hang", b="fine b")
    summary = place.job(seconds=1).submit(Orders(workers=2))
    assert (summary.read, summary.failures) == (1, {"crashed": 1})
    assert "more than 1 s" in place.results()["a.jpg"]["error"]["reason"]


@pytest.mark.parametrize("killed", ["all", "a worker"])
def test_after_a_kill_it_goes_on_and_reads_nothing_twice(
    place: Place, tmp_path: Path, killed: str
) -> None:
    go = tmp_path / "go"
    place.put(**{f"p{number}": f"fine {number}" for number in range(5)})
    place.put(q=f"wait {go} q", r=f"wait {go} r", s="fine s")
    command = [sys.executable, "-m", "tests.functional.batch.run_folder"]
    with subprocess.Popen(
        [*command, place.state, place.photos], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 5:
            pass
        while len(place.read()) < 7:  # q and r are in work then, one in each worker
            time.sleep(0.01)
        workers = _workers(process.pid)
        assert place.job().summary().state is State.READING
        with pytest.raises(BatchError, match="is being read by another process"):
            place.submit()
        if killed == "all":
            process.kill()
            process.wait()
            stopped = place.job().summary()
            assert (stopped.state, stopped.done) == (State.STOPPED, 5)
        else:
            os.kill(workers[0], signal.SIGKILL)
        go.touch()
        process.wait()
    _wait_until_gone(workers)  # those of a parent that was killed end by themselves
    assert place.submit().read == 8
    read = place.read()
    assert [text for text in read if text.startswith("fine")] == [
        *map("fine {}".format, range(5)),
        "fine s",
    ]
    # What was in work when its process was killed had no result yet.
    assert len(read) == 8 + (2 if killed == "all" else 1)
    assert len(place.results()) == 8


def _workers(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = (stat.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and "spawn_main" in command:
            found.append(int(stat.parent.name))
    assert len(found) == 2
    return found


def _wait_until_gone(pids: list[int]) -> None:
    for pid in pids:
        while True:
            try:
                os.kill(pid, 0)
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            except (ProcessLookupError, FileNotFoundError):
                break
            if state == "Z":
                break
            time.sleep(0.01)


def test_even_the_first_worker_never_hears_of_ctrl_c(place: Place) -> None:
    place.put(a="fine a", b="fine b")
    # In a process of its own: what lets signals through is started once, with the first worker.
    command = [sys.executable, "-m", "tests.functional.batch.run_folder"]
    done = subprocess.run(
        [*command, place.state, place.photos, "masked"], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"0\n1\n2\n")


def test_workers_that_cannot_start_end_the_job_and_keep_it(place: Place) -> None:
    place.put(a="fine a")
    with pytest.raises(BatchStoppedError, match="3 worker processes in a row ended"):
        place.job(factory=broken).submit(Orders(workers=1))
    with pytest.raises(BatchStoppedError, match="weights are not installed"):
        place.job(factory=unloadable).submit(Orders(workers=1))
    assert place.job().summary().state is State.STOPPED
    assert place.submit().read == 1


def test_a_place_for_the_journal_that_cannot_be_written(place: Place) -> None:
    place.put(a="fine a")
    with pytest.raises(BatchStoppedError, match=r"/dev/null/.* cannot be written: .*submit again"):
        FolderJob.of(Path("/dev/null"), place.photos, Crewing(scripted)).submit(Orders())


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ({"out": "photos"}, "is a folder: name a file in it"),
        ({"out": "missing/results.jsonl"}, "make it first"),
    ],
)
def test_where_results_cannot_go_is_told_before_anything_is_read(
    place: Place, orders: dict[str, str], words: str
) -> None:
    place.put(a="fine a")
    with pytest.raises(BatchError, match=words):
        place.submit(out=place.photos.parent / orders["out"])
    assert place.read() == []


def test_an_empty_folder_leaves_no_job(place: Place) -> None:
    (place.photos / "notes.txt").write_text("no photo")
    (place.photos / ".thumbnail.jpg").write_text("fine")
    (place.photos / "link.jpg").symlink_to("/etc/hostname")
    with pytest.raises(BatchError, match=r"holds no photo .*jpg.*; 1 other files.*; 1 hidden"):
        place.submit()
    assert not place.job().exists


def test_results_are_for_their_owner_alone(place: Place) -> None:
    place.put(a="fine a")
    results = Path(place.submit().results)
    assert results.stat().st_mode & 0o077 == 0
    assert results.parent.stat().st_mode & 0o077 == 0
    assert (results.parent / "journal.sqlite").stat().st_mode & 0o077 == 0

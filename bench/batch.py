"""A batch on a folder beside plain loops of the recognizer: ``python -m bench.batch``.

    python -m bench.batch [--count 40] [--rounds 1]    photos a second
    python -m bench.batch --memory [--count 2000]      memory, photo by photo

Each contender is a process of its own that starts, loads the weights and reads all photos of
the same folder; they run in turn, round by round. Processor time is told beside the time on
the clock, since it says more on a machine that has other work. Memory is what the worker
processes hold (resident), after each hundred photos.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_LOOP = """
import sys
from pathlib import Path
import cv2
from openapi_shim.errors import RecognitionError
from openapi_shim.ocr import Recognizer
threads = int(sys.argv[1])
cv2.setNumThreads(threads)
recognizer = Recognizer(threads=threads)
for photo in sorted(Path(sys.argv[2]).iterdir()):
    try:
        recognizer.read(photo.read_bytes())
    except RecognitionError:
        pass
"""
_BATCH = "openapi_shim", "batch", "submit", "--json"
_REAL_IN = 6  # of the memory run: one licence in so many photos, else blanks of many sizes


def write_photos(folder: Path, count: int, *, every: int = 1) -> None:
    """Write *count* photos with different bytes: normal specimens, and blanks between them.

    Args:
        folder: where to.
        count: how many.
        every: one in so many is a specimen.
    """
    import cv2
    import numpy as np

    from openapi_shim.specimens import make_specimen

    specimens = [make_specimen(seed, grade="normal").image for seed in range(min(count, 40))]
    for number in range(count):
        if number % every:
            width = 64 + number % 200
            blank = np.full((width * 3 // 4, width, 3), number % 255, np.uint8)
            image = cv2.imencode(".png", blank)[1].tobytes()
        else:
            image = specimens[number // every % len(specimens)] + b"%d" % number
        (folder / f"{number:05}.jpg").write_bytes(image)


def contenders(folder: Path, scratch: Path) -> dict[str, list[str]]:
    """Commands that read all of *folder*, by the names of the table."""
    return {
        "loop, one thread": [sys.executable, "-c", _LOOP, "1", str(folder)],
        "loop, two threads": [sys.executable, "-c", _LOOP, "2", str(folder)],
        "batch submit": [
            *(sys.executable, "-m", *_BATCH, str(folder)),
            *("--state-dir", tempfile.mkdtemp(dir=scratch)),
        ],
    }


def measure_speed(count: int, rounds: int) -> None:
    """Print photos a second of each contender, and how many times the loops' it is."""
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        folder = scratch / "photos"
        folder.mkdir()
        write_photos(folder, count)
        seconds: dict[str, list[float]] = {}
        spent: dict[str, list[float]] = {}
        loads = [os.getloadavg()[0]]
        for _ in range(rounds):
            for name, command in contenders(folder, scratch).items():
                begin, before = time.perf_counter(), _processor_time()
                subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
                seconds.setdefault(name, []).append(time.perf_counter() - begin)
                spent.setdefault(name, []).append(_processor_time() - before)
                loads.append(os.getloadavg()[0])
    print(
        f"{count} normal specimens, {rounds} rounds, {os.cpu_count()} cores, "
        f"load {min(loads):.1f} to {max(loads):.1f}"
    )
    batch = statistics.median(seconds["batch submit"])
    for name, taken in seconds.items():
        median = statistics.median(taken)
        print(
            f"{name:20} {count / median:6.2f} photos/s   batch is {median / batch:.2f} times it"
            f"   {statistics.median(spent[name]) / count:.2f} s of processor time a photo"
        )


def _processor_time() -> float:
    """Seconds that processes which ended have spent, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_memory(count: int) -> None:
    """Print what the processes of one batch hold while it goes through *count* photos."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "photos"
        folder.mkdir()
        write_photos(folder, count, every=_REAL_IN)
        state = Path(made) / "state"
        begin = time.perf_counter()
        print(f"{count} photos, one in {_REAL_IN} a licence, load {os.getloadavg()[0]:.1f}")
        with subprocess.Popen(
            [sys.executable, "-m", *_BATCH, str(folder), "--state-dir", str(state)],
            stdout=subprocess.DEVNULL,
        ) as process:
            told = 0
            while process.poll() is None:
                done = _done(state)
                if done >= told + 100 or (done and not told):
                    told = done
                    parent, workers = _resident(process.pid), _children(process.pid)
                    held = ", ".join(f"{_resident(pid):.0f}" for pid in sorted(workers))
                    print(f"{done:5} done: parent {parent:.0f} MB, workers {held} MB", flush=True)
                time.sleep(0.5)
        print(f"{time.perf_counter() - begin:.0f} s, load {os.getloadavg()[0]:.1f} at the end")


def _done(state: Path) -> int:
    from openapi_shim.batch.journal import Journal

    for folder in state.glob("batch/*"):
        if Journal.is_in(folder):
            journal = Journal(folder)
            try:
                return journal.counts()[1].total()
            finally:
                journal.close()
    return 0


def _children(pid: int) -> Iterator[int]:
    """The worker processes of *pid*."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == pid and "spawn_main" in (stat.parent / "cmdline").read_text():
                yield int(stat.parent.name)


def _resident(pid: int) -> float:
    """Megabytes of memory that *pid* holds."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--count", type=int)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    if given.memory:
        measure_memory(given.count or 2000)
    else:
        measure_speed(given.count or 40, given.rounds)


if __name__ == "__main__":
    main()

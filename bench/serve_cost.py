"""CPU seconds a photo costs in one serving process: what a container is paid for.

``python -m bench.serve_cost [PHOTOS]``. CPU time, not wall time: other work on the machine changes
it little (shared caches, two threads of one core), waiting not at all.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.ocr import Recognizer

_SPECIMENS = Path(__file__).parents[1] / "tests" / "data" / "specimens"


def _measure(threads: int, count: int) -> None:
    photos = [path.read_bytes() for path in sorted(_SPECIMENS.glob("*.jpg"))]
    recognizer = Recognizer(threads=threads)
    recognizer.load()
    begin, wall = time.process_time(), time.perf_counter()
    for number in range(count):
        with contextlib.suppress(LicenseNotFoundError):  # of a second page, which also costs
            recognizer.read(photos[number % len(photos)])
    cpu, wall = time.process_time() - begin, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"threads {threads}: {cpu / count:.2f} CPU s a photo, {wall / count:.2f} s, "
        f"{peak:.0f} MB, load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    """Measure one thread and two, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=int, nargs="?", default=30)
    parser.add_argument("--threads", type=int, help="measure this one alone")
    given = parser.parse_args()
    if given.threads:
        _measure(given.threads, given.photos)
        return
    for threads in (1, 2):
        command = [sys.executable, "-m", "bench.serve_cost", str(given.photos)]
        subprocess.run([*command, "--threads", str(threads)], check=True)


if __name__ == "__main__":
    main()

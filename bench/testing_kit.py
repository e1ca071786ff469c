"""How long until the testing kit's emulator is ready, beside moto's server in the same run.

``make bench-testing``. Each is started several times in one process: the first start pays for
the imports, the next ones are what each further test pays.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

_STARTS = 9

_SHIM = """
import time
begin = time.perf_counter()
from openapi_shim.testing import WeChat
times = []
for _ in range({starts}):
    begin_one = time.perf_counter()
    emulator = WeChat()
    ready = time.perf_counter()
    emulator.stop()
    times.append((ready - (begin if not times else begin_one), time.perf_counter() - ready))
for ready, gone in times:
    print(ready, gone)
"""
_MOTO = """
import time
begin = time.perf_counter()
from moto.server import ThreadedMotoServer
times = []
for _ in range({starts}):
    begin_one = time.perf_counter()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    server.get_host_and_port()
    ready = time.perf_counter()
    server.stop()
    times.append((ready - (begin if not times else begin_one), time.perf_counter() - ready))
for ready, gone in times:
    print(ready, gone)
"""


def main() -> None:
    """Print a table."""
    rows: dict[str, list[list[tuple[float, float]]]] = {"openapi_shim": [], "moto": []}
    for _ in range(3):  # in turns, so that both meet the same load
        rows["openapi_shim"].append(_run(_SHIM))
        rows["moto"].append(_run(_MOTO))
    print("| | first start, imports included | each further start | and its stop |")
    print("|---|---|---|---|")
    for name, runs in rows.items():
        first = statistics.median(run[0][0] for run in runs)
        ready = statistics.median(start for run in runs for start, _ in run[1:])
        gone = statistics.median(stop for run in runs for _, stop in run[1:])
        print(f"| {name} | {first * 1000:.0f} ms | {ready * 1000:.1f} ms | {gone * 1000:.1f} ms |")


def _run(code: str) -> list[tuple[float, float]]:
    done = subprocess.run(
        [sys.executable, "-c", code.format(starts=_STARTS)],
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = [line.split() for line in done.stdout.splitlines()]
    return [(float(ready), float(gone)) for ready, gone in pairs]


if __name__ == "__main__":
    main()

"""What ``import openapi_shim`` costs over bare Python: ``python -m bench.import_time``.

Processes are started in turn, one of each kind, so that a noisy machine disturbs all alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 31
KINDS = {
    "bare Python": "pass",
    "import openapi_shim": "import openapi_shim",
    "from openapi_shim import cloud": "from openapi_shim import cloud",
    "import aiohttp, pydantic": "import aiohttp, pydantic",
}


def start(code: str) -> float:
    """Milliseconds from start to end of a Python that runs *code*."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Measure and print."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind, code in KINDS.items():
            times[kind].append(start(code))
    bare = statistics.median(times["bare Python"])
    print(f"median of {ROUNDS} starts, Python {sys.version.split()[0]}")
    for kind, values in times.items():
        median = statistics.median(values)
        print(f"{kind:32} {median:7.1f} ms  {median - bare:+7.1f} ms over bare")


if __name__ == "__main__":
    main()

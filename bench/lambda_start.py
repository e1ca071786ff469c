"""Cold and warm starts under the real ``awslambdaric``: ``python -m bench.lambda_start``.

Cold is from the start of the process to the first answer, warm one call of a started process;
what Lambda itself adds is on nobody's machine but AWS's. The processes are started in turn, one
of each kind, so that a noisy machine disturbs all alike. Targets: the first answer of
driverLicense, without weights, under 250 ms; a warm call through the adapter not 1 ms over one
of an empty handler.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.functional.aws.runtime_api import LambdaProcess
from tests.unit.aws.conftest import request

ROOT = Path(__file__).parents[1]
ROUNDS = 9
WARM_CALLS = 300
TARGET_COLD, TARGET_OVERHEAD = 250.0, 1.0  # milliseconds
OURS = "openapi_shim.aws.handler.handler"

EMPTY = "def handler(event, context):\n    return {'statusCode': 200, 'body': '{}'}\n"
BARE = "import aiohttp\nimport pydantic\n\n\n" + EMPTY
MAIN = "def main(event, context):\n    return {}\n"
LATER = "async def main(event, context):\n    return {}\n"


@dataclass(frozen=True)
class Kind:
    """One kind of function.

    Attributes:
        name: as it is printed.
        handler: what awslambdaric loads.
        variables: of its environment.
    """

    name: str
    handler: str
    variables: dict[str, str]


def kinds(folder: Path) -> list[Kind]:
    """What is measured; the peers' code is written into *folder*."""
    for name, code in (("empty", EMPTY), ("bare", BARE)):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    for name, code in (("sync", MAIN), ("later", LATER)):
        (folder / name).mkdir()
        (folder / name / "index.py").write_text(code, encoding="utf-8")
    path = {"PYTHONPATH": str(folder)}
    ours = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}  # as template.yaml sets it
    own = {**ours, "OPENAPI_SHIM_FUNCTIONS_DIR": str(folder)}
    return [
        Kind("empty handler", "empty.handler", path),
        Kind("aiohttp and pydantic imported", "bare.handler", path),
        Kind("adapter, empty function", OURS, {**own, "OPENAPI_SHIM_FUNCTION": "sync"}),
        Kind("adapter, empty async function", OURS, {**own, "OPENAPI_SHIM_FUNCTION": "later"}),
        Kind("adapter, driverLicense", OURS, {**ours, "OPENAPI_SHIM_FUNCTION": "driverLicense"}),
    ]


def measure(kind: Kind, event: Any) -> tuple[float, float]:
    """Milliseconds to the first answer of a new process, and of one call of it later."""
    begin = time.perf_counter()
    process = LambdaProcess(kind.handler, kind.variables, folder=ROOT)
    try:
        answer = process.invoke(event)
        cold = (time.perf_counter() - begin) * 1000
        if answer.failed or answer.payload["statusCode"] != 200:
            sys.exit(f"{kind.name}: {answer.payload}\n{process.log()}")
        times = []
        for _ in range(WARM_CALLS):
            begin = time.perf_counter()
            process.invoke(event)
            times.append((time.perf_counter() - begin) * 1000)
    finally:
        process.stop()
    return cold, statistics.median(times)


def main() -> None:
    """Measure and print."""
    # No body, and no account: driverLicense answers so without asking anybody.
    event = request(None, authorizer={"iam": {"userArn": "arn:aws:iam::123456789012:user/one"}})
    with tempfile.TemporaryDirectory() as name:
        measured = kinds(Path(name))
        for kind in measured:
            measure(kind, event)  # compiles what is not compiled yet
        cold: dict[str, list[float]] = {kind.name: [] for kind in measured}
        warm: dict[str, list[float]] = {kind.name: [] for kind in measured}
        for _ in range(ROUNDS):
            for kind in measured:
                first, later = measure(kind, event)
                cold[kind.name].append(first)
                warm[kind.name].append(later)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    version = sys.version.split()[0]
    print(f"median of {ROUNDS} processes, Python {version}, load {load}")
    print(f"{'':31} {'cold ms':>8} {'(max)':>8} {'warm ms':>8}")
    for kind in measured:
        starts = cold[kind.name]
        print(
            f"{kind.name:31} {statistics.median(starts):8.0f} {max(starts):8.0f} "
            f"{statistics.median(warm[kind.name]):8.2f}"
        )
    start = statistics.median(cold["adapter, driverLicense"])
    over = statistics.median(warm["adapter, empty async function"]) - statistics.median(
        warm["empty handler"]
    )
    print(f"first answer {start:.0f} ms (target {TARGET_COLD:.0f}): {verdict(start, TARGET_COLD)}")
    print(
        f"adapter {over:+.2f} ms (target {TARGET_OVERHEAD:.0f}): {verdict(over, TARGET_OVERHEAD)}"
    )


def verdict(value: float, target: float) -> str:
    """Whether *value* is under *target*."""
    return "met" if value < target else "missed"


if __name__ == "__main__":
    main()

"""One callFunction to an empty function, beside two frameworks: ``python -m bench.calls``.

All run at once, each in processes of its own, and are asked in turn, round by round, so that a
noisy machine disturbs all alike. Ours runs the function in worker processes, as ever: it has no
mode without. The two others run it inside their server.

The frameworks are installed into bench/out/, once: @cloudbase/functions-framework by npm,
functions-framework by uv.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
EMPTY = HERE / "empty"
OUT = HERE / "out"
TCB_FF = "@cloudbase/functions-framework@1.18.0"
FUNCTIONS_FRAMEWORK = "functions-framework==3.10.2"
CONNECTIONS = (1, 16)
_START = 30.0  # seconds for a server to answer


@dataclass
class Contender:
    """One server under measure.

    Attributes:
        name: as the table has it.
        command: that starts it; ``{port}`` stands for its port.
        path: of the function.
        folder: in which it runs.
        port: its port.
        started: seconds from its start to its first answer.
        measured: by connections, a measurement a round.
    """

    name: str
    command: Sequence[str]
    path: str
    folder: Path
    port: int = 0
    started: float = 0.0
    measured: dict[int, list[dict[str, float]]] = field(default_factory=dict)

    def figure(self, connections: int, what: str) -> float:
        """The median over the rounds of one figure."""
        return statistics.median(one[what] for one in self.measured[connections])


def contenders() -> list[Contender]:
    """All of them, installed."""
    OUT.mkdir(exist_ok=True)
    ours = [
        *(sys.executable, "-m", "openapi_shim", "start", "--port", "{port}"),
        *("--functions-dir", str(EMPTY / "functions")),
    ]
    npm, venv = OUT / "tcb-ff", OUT / "functions-framework"
    if not (npm / "node_modules").exists():
        npm.mkdir(exist_ok=True)
        (npm / "package.json").write_text("{}")
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(["npm", "install", *quiet, TCB_FF], cwd=npm, check=True)
        shutil.copy(EMPTY / "functions" / "emptyNode" / "index.js", npm)
    if not venv.exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, venv], check=True)
        python = str(venv / "bin" / "python")
        subprocess.run(
            [uv, "pip", "install", "-q", "--python", python, FUNCTIONS_FRAMEWORK], check=True
        )
    framework = str(venv / "bin" / "functions-framework")
    source = str(EMPTY / "main.py")
    return [
        Contender("openapi-shim, Python", ours, "/v1/functions/emptyPython", OUT),
        Contender("openapi-shim, Node", ours, "/v1/functions/emptyNode", OUT),
        Contender(
            "functions-framework",
            [framework, "--source", source, "--target", "main", "--port", "{port}"],
            "/",
            OUT,
        ),
        Contender(
            "tcb-ff", [str(npm / "node_modules" / ".bin" / "tcb-ff"), "-p", "{port}"], "/", npm
        ),
    ]


@contextmanager
def running(contender: Contender) -> Iterator[None]:
    """Start it, and wait for its first answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        contender.port = free.getsockname()[1]
    command = [part.format(port=contender.port) for part in contender.command]
    begin = time.perf_counter()
    with (OUT / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=contender.folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while not answers(contender):
            if process.poll() is not None or time.perf_counter() - begin > _START:
                sys.exit(f"{contender.name} does not answer: see {OUT / 'log.txt'}")
            time.sleep(0.005)
        contender.started = time.perf_counter() - begin
        yield
    finally:
        process.terminate()
        process.wait()


def answers(contender: Contender) -> bool:
    """Whether it answers as it should."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{contender.port}{contender.path}",
        data=b'{"a": 1}',
        headers={"Content-Type": "application/json", "Authorization": "Bearer bench"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_START) as response:
            return bool(json.loads(response.read()) == {"ok": True})
    except OSError:
        return False


def measure(contender: Contender, connections: int, seconds: int) -> dict[str, float]:
    """Load it."""
    if wrk := shutil.which("wrk"):
        url = f"http://127.0.0.1:{contender.port}{contender.path}"
        script = str(EMPTY / "post.lua")
        command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, url]
    else:
        command = [sys.executable, "-m", "bench.load", str(contender.port), contender.path]
        command += [str(connections), str(seconds)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=HERE.parent
    ).stdout
    (line,) = [line for line in done.splitlines() if line.startswith("RESULT ")]
    result: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    assert result["failed"] == 0, f"{contender.name}: {result['failed']:.0f} calls failed"
    return result


def table(all_of_them: list[Contender]) -> str:
    """What was measured, as Markdown."""
    heads = ["", *(f"{n} conn.: median · p95 · calls/s" for n in CONNECTIONS), "first answer"]
    rows = [heads, ["---"] * len(heads)]
    for one in all_of_them:
        cells = [
            f"{one.figure(n, 'median') / 1000:.2f} ms · {one.figure(n, 'p95') / 1000:.2f} ms · "
            f"{one.figure(n, 'rate'):,.0f}"
            for n in CONNECTIONS
        ]
        rows.append([one.name, *cells, f"{one.started:.2f} s"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="callFunction to an empty function")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="for each measurement")
    options = parser.parse_args()
    everyone = contenders()
    with ExitStack() as stack:
        for one in everyone:
            stack.enter_context(running(one))
            measure(one, max(CONNECTIONS), 1)  # warm
        for _ in range(options.rounds):
            for connections in CONNECTIONS:
                for one in everyone:
                    got = measure(one, connections, options.seconds)
                    one.measured.setdefault(connections, []).append(got)
    client = "wrk" if shutil.which("wrk") else "bench/load.py"
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"{options.rounds} rounds of {options.seconds} s in turn, medians over the rounds;")
    print(f"client {client}, {cores} cores, load {load:.1f} at the end. Ours isolates the")
    print("function in worker processes; it has no mode without.\n")
    print(table(everyone))


if __name__ == "__main__":
    main()

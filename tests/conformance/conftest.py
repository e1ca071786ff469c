"""The foreign clients, installed and unmodified, and a real server process for them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conformance.clients import (
    COMMAND,
    VERSIONS,
    Emulator,
    NodeProcess,
    ServerSdk,
    bare_environment,
    step,
)
from tests.conformance.packages import install

HERE = Path(__file__).parent
FUNCTIONS = HERE / "functions"
SPECIMENS = HERE.parent / "data" / "specimens"
PHOTO = SPECIMENS / "current_normal.jpg"
GATEWAY_KEYS = {
    "OPENAPI_SHIM_GATEWAY_SECRET_ID": "AKIDconformance",
    "OPENAPI_SHIM_GATEWAY_SECRET_KEY": "key-of-the-conformance-tests",
}


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder of the unmodified packages."""
    return install()


@pytest.fixture(scope="session")
def truth() -> dict[str, str]:
    """What stands on the licence of ``PHOTO``."""
    lines = (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
    return next(line["truth"] for line in map(json.loads, lines) if line["file"] == PHOTO.name)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the tests' output free of it."""


@pytest.fixture(scope="session")
def photo_url() -> Iterator[str]:
    """``PHOTO`` on a web server of this machine."""
    handler = partial(_Quiet, directory=str(SPECIMENS))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{PHOTO.name}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def project(node_modules: Path, photo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the functions of the tests."""
    folder = tmp_path_factory.mktemp("project")
    _write_project(folder, node_modules, photo_url)
    return folder


@pytest.fixture(scope="session")
def emulator(project: Path) -> Iterator[Emulator]:
    """One emulator for all tests."""
    with _running(project, {}) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def strict_emulator(project: Path) -> Iterator[Emulator]:
    """One that knows the key that all requests to the gateway must be signed with."""
    with _running(project, GATEWAY_KEYS) as emulator:
        yield emulator


@contextmanager
def _running(project: Path, settings: dict[str, str]) -> Iterator[Emulator]:
    log = project / f"log-{len(settings)}.txt"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [COMMAND, "start", "--port", "0", "--daily-quota", "100000"],
            cwd=project,
            env=bare_environment() | settings,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        first = process.stdout.readline()
        match = re.fullmatch(r"openapi-shim listening on (http://127\.0\.0\.1:\d+)\n", first)
        assert match, first + log.read_text("utf-8")
        try:
            yield Emulator(match[1], project, log, settings)
        finally:
            process.terminate()
            process.communicate()
    assert process.returncode == 0, log.read_text("utf-8")
    assert "a fault in the emulator" not in log.read_text("utf-8")


def _write_project(project: Path, node_modules: Path, photo_url: str) -> None:
    """A project whose Node functions that use the SDK are there once for each generation."""
    shutil.copy(FUNCTIONS / "caller" / "config.json", project)
    for source in sorted(FUNCTIONS.iterdir()):
        index = source / "index.js"
        code = index.read_text("utf-8") if index.exists() else ""
        if "wx-server-sdk" not in code:
            shutil.copytree(source, project / "functions" / source.name)
            continue
        for major in VERSIONS:
            target = project / "functions" / f"{source.name}{major}"
            shutil.copytree(source, target)
            filled = code.replace("ENCODE_URL", photo_url).replace(
                "value: Buffer", f"value: require('fs').readFileSync({str(PHOTO)!r})"
            )
            (target / "index.js").write_text(filled, "utf-8")
            (target / "node_modules").mkdir()
            package = target / "node_modules" / "wx-server-sdk"
            package.symlink_to(node_modules / f"wx-server-sdk-{major}")


@pytest.fixture(scope="session", params=[(m, p) for m in VERSIONS for p in ("inside", "outside")])
def sdk(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[ServerSdk]:
    """Every generation of wx-server-sdk, in a Node function and outside."""
    major, place = request.param
    if place == "inside":
        yield ServerSdk(major, place, emulator, None)
        return
    process = NodeProcess(
        "server_sdk.js", f"wx-server-sdk-{major}", environment=emulator.environment()
    )
    try:
        process.run([step("init", {"env": {"$symbol": "SYMBOL_CURRENT_ENV"}})])
        yield ServerSdk(major, place, emulator, process)
    finally:
        process.close()

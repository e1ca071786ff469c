"""``openapi-shim batch`` as real processes, with the real recognizer where photos are read."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.aws.runtime_api import LambdaProcess
from tests.functional.aws.stack import ROOT
from tests.functional.batch.conftest import PHOTOS, Aws

COMMAND = Path(sys.executable).with_name("openapi-shim")
SPECIMENS = ROOT / "tests" / "data" / "specimens"
TRUTH = {
    line["file"]: line["truth"]
    for line in map(json.loads, (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines())
}
NAME = "current_normal.jpg"


def shim(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {name: text for name, text in os.environ.items() if "OPENAPI_SHIM" not in name}
    return subprocess.run(
        [COMMAND, "batch", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environ | more,
    )


def test_a_folder_from_submit_to_fetch(tmp_path: Path) -> None:
    folder = tmp_path / "驾照"
    folder.mkdir()
    shutil.copy(SPECIMENS / NAME, folder / "一.jpg")
    (folder / "broken.jpg").write_bytes((SPECIMENS / NAME).read_bytes()[:5000])
    done = shim("submit", "驾照", "--out", "results.jsonl", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "photos     2: 1 read, 1 failed, 0 to go" in done.stdout
    assert "           1 not an image, or a broken one" in done.stdout
    lines = (tmp_path / "results.jsonl").read_text("utf-8").splitlines()
    first, second = map(json.loads, lines)
    assert (first["file"], first["error"]["code"]) == ("broken.jpg", "not_an_image")
    assert (second["file"], second["fields"]) == ("一.jpg", TRUTH[NAME])
    assert set(second["confidence"]) == set(second["fields"])
    match = re.search(r"^job +(\S+)$", done.stdout, re.MULTILINE)
    assert match
    for name in ("驾照", match[1]):
        status = shim("status", name, "--json", cwd=tmp_path)
        assert (status.returncode, json.loads(status.stdout)["state"]) == (1, "finished")
        fetched = shim("fetch", name, cwd=tmp_path)
        assert (fetched.returncode, fetched.stdout.splitlines()) == (1, lines)


def test_what_cannot_be_done_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        (("submit", "empty"), "holds no photo"),
        (("submit", "none"), "none does not exist: name a folder of photos, or s3://"),
        (("status", "none-12345678"), "there is no job none-12345678"),
        (("fetch", "empty"), "there is no job empty-"),
    ):
        done = shim(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(rf"openapi-shim: .*{re.escape(words)}.*\n", done.stderr)


@pytest.fixture
def heeding() -> Iterator[None]:
    """Commands heed Ctrl+C, even where these tests run behind a script's ``&``, which ignores it.

    What is ignored stays so in new processes, and Python leaves it so.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


BY_HAND = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
STOPPED = "openapi-shim: stopped; what was read is kept, and the same command goes on from here\n"


@BY_HAND
@pytest.mark.usefixtures("heeding")
def test_stopped_by_hand_it_says_so_and_goes_on_later(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(2):
        (folder / f"{index}.jpg").write_bytes(b"no photo")
    # The first line comes before the workers start, the first result after weights are loaded.
    with subprocess.Popen(
        [COMMAND, "batch", "submit", "photos"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert "2 photos of" in process.stderr.readline()
        os.killpg(process.pid, number)  # as a terminal does: to the workers, too
        told, errors = process.communicate()
    if process.returncode == 1:
        pytest.fail(f"it was done before the signal came: {told}")
    assert (process.returncode, told) == (code, "")
    assert errors == STOPPED
    assert shim("status", "photos", cwd=tmp_path).returncode == 3
    assert shim("submit", "photos", cwd=tmp_path).returncode == 1


@BY_HAND
@pytest.mark.usefixtures("heeding")
def test_stopped_where_python_drops_what_is_raised(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"no photo")
    command = [sys.executable, "-m", "tests.functional.batch.run_signalled", str(int(number))]
    state = ["--state-dir", str(tmp_path / "state")]
    done = subprocess.run(
        [*command, "batch", "submit", str(tmp_path), *state],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "")
    first, rest = done.stderr.splitlines(keepends=True)
    assert (" 1 photos of " in first, rest) == (True, STOPPED)


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[str]:
    """A real emulator with the real recognizer; its address."""
    with subprocess.Popen(
        [COMMAND, "start", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.kill()


def test_a_prefix_from_submit_to_fetch(aws: Aws, emulator: str, tmp_path: Path) -> None:
    content = (SPECIMENS / NAME).read_bytes()
    aws.stack.client("s3").put_object(Bucket=PHOTOS, Key=aws.prefix + NAME, Body=content)
    source = f"s3://{PHOTOS}/{aws.prefix}"
    environ = aws.stack.environ | {"OPENAPI_SHIM_AWS_STACK": "licences"}
    submitted = shim("submit", source, cwd=tmp_path, **environ)
    assert submitted.returncode == 0, submitted.stderr
    assert "state      reading" in submitted.stdout
    assert shim("status", source, cwd=tmp_path, **environ).returncode == 3
    variables = aws.stack.variables("BatchFunction")
    process = LambdaProcess(
        aws.stack.configuration("BatchFunction")["Handler"],
        variables
        | aws.stack.environ
        | {"OPENAPI_SHIM_BASE_URL": emulator, "OPENAPI_SHIM_SECRET": "s"}
        | {"OPENAPI_SHIM_SECRET_FROM": "", "OPENAPI_SHIM_TIMEOUT": "200"},
        folder=ROOT,
    )
    try:
        assert process.wait_ready() is None

        def invoke(event: dict[str, object]) -> dict[str, object]:
            answer = process.invoke(event)
            assert not answer.failed, process.log()
            payload: dict[str, object] = answer.payload
            return payload

        assert aws.poller(invoke).run() == 0, process.log()
        # What was read stands in results alone.
        assert TRUTH[NAME]["name"] not in process.log()
    finally:
        process.stop()
    status = json.loads(shim("status", source, "--json", cwd=tmp_path, **environ).stdout)
    assert (status["state"], status["read"], status["remaining"]) == ("finished", 1, 0)
    fetched = shim("fetch", status["job"], "--out", "r.jsonl", cwd=tmp_path, **environ)
    assert (fetched.returncode, fetched.stdout) == (0, "1 results in r.jsonl\n"), fetched.stderr
    line = json.loads((tmp_path / "r.jsonl").read_text("utf-8"))
    assert line["fields"] == TRUTH[NAME]

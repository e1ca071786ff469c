"""``openapi-shim`` as real processes: start, invoke, curl, signals."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from openapi_shim.ocr.reading import FIELD_NAMES

COMMAND = Path(sys.executable).with_name("openapi-shim")
ROOT = Path(__file__).parents[2]
SPECIMENS = ROOT / "tests" / "data" / "specimens"
NAME = "current_normal.jpg"


def environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith("OPENAPI_SHIM_")
    }


def shim(*arguments: object, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment() | more,
    )


def curl(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def descendants(pid: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    return {
        pid
        for pid in pids
        if Path(f"/proc/{pid}").exists()
        and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    }


@dataclass
class Started:
    """``openapi-shim start`` and what it said."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

    def token(self) -> str:
        path = "/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=s"
        return str(curl(self.url + path)["access_token"])


Start = Callable[..., Started]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    processes: list[subprocess.Popen[str]] = []

    def run(*arguments: object, cwd: Path = ROOT, **more: str) -> Started:
        process = subprocess.Popen(
            [COMMAND, "start", "--port", "0", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env=environment() | {"OPENAPI_SHIM_STATE_DIR": str(tmp_path / "state")} | more,
        )
        processes.append(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        match = re.fullmatch(r"openapi-shim listening on (http://127\.0\.0\.1:\d+)\n", first)
        assert match, first + process.communicate()[1]
        return Started(process, match[1])

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return Path(shutil.copy(SPECIMENS / NAME, tmp_path / "test.jpg"))


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    lines = (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
    return next(line["truth"] for line in map(json.loads, lines) if line["file"] == NAME)


@pytest.fixture
def image_host(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    def handler(*arguments: Any) -> Quiet:
        return Quiet(*arguments, directory=str(tmp_path))

    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_examples_of_the_specification_and_a_clean_end(
    start: Start, photo: Path, image_host: str, truth: dict[str, str], number: signal.Signals
) -> None:
    emulator = start()
    token = emulator.token()
    api = f"{emulator.url}/cv/ocr/drivinglicense"
    encoded = quote(f"{image_host}/test.jpg", safe="")
    by_url = curl(f"{api}?img_url={encoded}&access_token={token}")
    uploaded = curl("-F", f"img=@{photo}", f"{api}?access_token={token}")
    assert by_url == uploaded
    assert list(uploaded) == ["errcode", "errmsg", *FIELD_NAMES]
    assert (uploaded["errcode"], uploaded["errmsg"]) == (0, "ok")
    assert uploaded["id_num"] == truth["id_num"]

    done = shim("invoke", "driverLicense", "--image", photo, "--url", emulator.url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["idNum"] == uploaded["id_num"]
    children = descendants(emulator.process.pid)
    assert children

    emulator.process.send_signal(number)
    stdout, stderr = emulator.process.communicate()
    assert emulator.process.returncode == 0, stderr
    assert not alive(children)
    assert "weights loaded in" in stdout
    assert len(stdout.splitlines()) < 10
    assert token not in stderr
    assert truth["id_num"] not in stderr
    assert "Traceback" not in stderr
    assert "errcode=0" in stderr
    assert "others in the network" not in stderr


def write(root: Path, name: str, code: str) -> None:
    (root / "functions" / name).mkdir(parents=True)
    (root / "functions" / name / "index.py").write_text(code)


def test_a_busy_emulator_stops_too(start: Start, tmp_path: Path) -> None:
    code = "def main(event, context):\n    print('begun')\n    while True: pass"
    write(tmp_path, "endless", code)
    (tmp_path / "functions" / "endless" / "config.json").write_text('{"timeout": 600}')
    emulator = start(cwd=tmp_path)
    path = f"{emulator.url}/tcb/invokecloudfunction?name=endless&access_token={emulator.token()}"
    with subprocess.Popen(["curl", "-s", "-d", "{}", path], stdout=subprocess.PIPE) as call:
        assert emulator.process.stderr is not None
        while "begun" not in emulator.process.stderr.readline():
            pass
        children = descendants(emulator.process.pid)
        emulator.process.terminate()
        emulator.process.communicate()
        call.wait()
    assert emulator.process.returncode == 0
    assert children
    assert not alive(children)


def test_no_worker_outlives_a_killed_emulator(start: Start, tmp_path: Path) -> None:
    write(tmp_path, "quick", "def main(event, context): return 1")
    emulator = start(cwd=tmp_path)
    done = shim("invoke", "quick", "--url", emulator.url, cwd=tmp_path)
    assert done.stdout == "1\n", done.stderr
    children = descendants(emulator.process.pid)
    assert children
    descriptors = [os.pidfd_open(child) for child in children]
    emulator.process.kill()
    emulator.process.wait()
    for descriptor in descriptors:
        select.select([descriptor], [], [])  # readable when the process has ended
        os.close(descriptor)
    assert not alive(children)


def test_invoke_the_whole_way(photo: Path, truth: dict[str, str]) -> None:
    done = shim("invoke", "driverLicense", "--image", photo)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["errCode"], result["errMsg"]) == (0, "openapi.ocr.driverLicense:ok")
    assert result["idNum"] == truth["id_num"]
    assert truth["name"] in done.stdout  # not escaped
    assert done.stdout.startswith('{\n  "')


def test_invoke_tells_what_a_function_answered(tmp_path: Path) -> None:
    write(tmp_path, "refused", "def main(e, c): return {'errCode': 101001, 'errMsg': 'none'}")
    done = shim("invoke", "refused", cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["errCode"] == 101001
    write(tmp_path, "raising", "def main(e, c):\n    print('hello')\n    return e['missing']")
    done = shim("invoke", "raising", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "KeyError: 'missing' (index.py, line 3)" in done.stderr
    assert "[raising" in done.stderr
    assert "hello" in done.stderr
    done = shim("invoke", "raising", "--json", cwd=tmp_path)
    whole = json.loads(done.stdout)
    assert done.returncode == 1
    assert whole["errcode"] == -504002
    assert whole["reason"] == "KeyError: 'missing' (index.py, line 3)"


def test_mistakes_are_one_line_and_exit_code_2(tmp_path: Path, start: Start) -> None:
    write(tmp_path, "alpha", "def main(e, c): pass")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for arguments, message in (
            (["invoke", "beta"], "found: alpha"),
            (["invoke", "alpha", "--url", "http://127.0.0.1:1"], "no emulator answers at"),
            (["start", "--port", port], f"port {port} on 127.0.0.1 is taken"),
            (["start", "--image-urls", "all"], "--image-urls: Input should be 'public'"),
            (["start", "--port", "99999"], "--port: Input should be less than"),
            (["start", "--host", "203.0.113.7", "--port", "0"], "cannot listen on 203.0.113.7"),
        ):
            done = shim(*arguments, cwd=tmp_path)
            assert done.returncode == 2, done.stderr
            assert message in done.stderr
            assert done.stdout == ""
            assert len(done.stderr.splitlines()) == 1
    emulator = start(cwd=tmp_path)
    done = shim("invoke", "beta", "--url", emulator.url, cwd=tmp_path)
    assert done.returncode == 2
    assert "found: alpha" in done.stderr
    (tmp_path / "config.json").write_text('{"openapi_shim": {"port": }}')
    done = shim("start", cwd=tmp_path)
    assert done.returncode == 2
    assert "config.json, line 1, column 27: not JSON" in done.stderr


def test_an_emulator_for_one_account_says_what_to_set(start: Start, tmp_path: Path) -> None:
    write(tmp_path, "alpha", "def main(e, c): return 1")
    account = {"OPENAPI_SHIM_EMULATOR_APPID": "wx7", "OPENAPI_SHIM_EMULATOR_SECRET": "s7"}
    emulator = start(cwd=tmp_path, **account)
    done = shim("invoke", "alpha", "--url", emulator.url, cwd=tmp_path)
    assert done.returncode == 2
    assert "set OPENAPI_SHIM_EMULATOR_APPID and OPENAPI_SHIM_EMULATOR_SECRET" in done.stderr
    done = shim("invoke", "alpha", "--url", emulator.url, cwd=tmp_path, **account)
    assert done.stdout == "1\n", done.stderr


def test_start_tells_of_a_missing_folder_and_a_misspelt_variable(
    start: Start, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    emulator = start("--functions-dir", nowhere, cwd=tmp_path, OPENAPI_SHIM_PROT="s3cret")
    assert emulator.process.stdout is not None
    said = ""
    while "Ctrl+C" not in said:
        said += emulator.process.stdout.readline()
    assert f"functions      none: there is no folder {nowhere}\n" in said
    assert "img_url        may lead to: public addresses and this machine\n" in said
    emulator.process.terminate()
    stderr = emulator.process.communicate()[1]
    assert "OPENAPI_SHIM_PROT is no variable of openapi-shim" in stderr
    assert "did you mean OPENAPI_SHIM_PORT?" in stderr
    assert "s3cret" not in stderr


def test_start_goes_on_when_nobody_reads_what_it_says(start: Start, tmp_path: Path) -> None:
    write(tmp_path, "alpha", "def main(e, c): return 1")
    emulator = start(cwd=tmp_path)
    assert emulator.process.stdout is not None
    emulator.process.stdout.close()
    emulator.process.stdout = None
    done = shim("invoke", "alpha", "--url", emulator.url, cwd=tmp_path)
    assert done.stdout == "1\n", done.stderr
    curl("-F", f"img=@{SPECIMENS / NAME}", f"{emulator.url}/cv/ocr/drivinglicense?access_token=x")
    emulator.process.terminate()
    assert emulator.process.stderr is not None
    stderr = emulator.process.stderr.read()
    assert emulator.process.wait() == 0, stderr
    assert "Traceback" not in stderr
    assert "never retrieved" not in stderr


def test_help_is_light() -> None:
    code = (
        "import sys\n"
        "from openapi_shim.cli import main\n"
        "sys.argv = ['openapi-shim', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'aiohttp', 'pydantic', 'numpy', 'onnxruntime', 'cv2', 'PIL'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "loaded: []" in done.stdout
    assert "invoke" in done.stdout


def test_a_missing_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "typer").mkdir()
    (tmp_path / "typer" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'typer'\", name='typer')"
    )
    done = shim("--help", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("openapi-shim: typer is not installed: install the extra: pip ")


def test_curl_is_here() -> None:
    assert shutil.which("curl"), "the specification's examples are tested with curl"

"""The state of a real process: exported, imported while it runs, reset; and a folder's alone."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.errors import ConfigError, ControlError
from openapi_shim.testing import WeChat

from .conftest import COMMAND, Process


def folder_command(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """A command in *folder*, where no emulator is configured to listen."""
    variables = {"PATH": os.environ["PATH"], "OPENAPI_SHIM_PORT": "0", **environ}
    done = subprocess.run(
        [COMMAND, "state", *arguments],
        cwd=folder, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def code_of(process: Process, token: str) -> int:
    return int(process.recognize(token)["errcode"])


def test_a_running_emulator_goes_back_to_what_was_exported(
    process: Process, tmp_path: Path
) -> None:
    token = process.token()["access_token"]
    process.ask("/_openapi_shim/clock", {"freeze": True})
    then = process.ask("/_openapi_shim/clock", {"advance": 86_400})[1]["timestamp"]
    kept = process.token()["access_token"]
    archive = str(tmp_path / "a.zip")
    done = process.command("state", "export", archive)
    assert done.code == 0, done.err
    assert f"from: the emulator at {process.url}\nfile: {archive}\nbytes: " in done.out
    again = process.command("state", "export", archive)
    assert (again.code, "--force" in again.err) == (2, True)
    assert process.command("state", "export", archive, "--force").code == 0

    done = process.command("state", "reset", "--json")
    assert json.loads(done.out)["in"] == f"the emulator at {process.url}"
    assert not process.ask("/_openapi_shim/clock")[1]["held"]
    assert process.ask("/_openapi_shim/requests")[1]["requests"] == []
    assert code_of(process, kept) == 40001
    later = process.token()["access_token"]

    done = process.command("state", "import", archive)
    assert done.code == 0, done.err
    assert "tokens: 1\n" in done.out  # of yesterday's nothing is left
    assert process.ask("/_openapi_shim/clock")[1]["timestamp"] == then
    assert (code_of(process, kept), code_of(process, later)) == (41005, 40001)
    assert code_of(process, token) == 40001

    done = process.command("state", "reset", "--seed", archive)
    assert done.code == 0, done.err
    assert code_of(process, kept) == 41005
    process.ask("/_openapi_shim/reset", method="POST")


def put(process: Process, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
    method = "PUT" if path == "/state" else "POST"
    request = urllib.request.Request(  # noqa: S310 - http
        f"{process.url}/_openapi_shim{path}", body, headers, method=method
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310 - likewise
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_what_is_refused_changes_nothing(process: Process, tmp_path: Path) -> None:
    token = process.token()["access_token"]
    for path, body, words in (
        ("/state", b"", "the body is empty"),
        ("/state", b"no zip at all" * 9, "what was sent is no archive of the state"),
        ("/reset", b"no zip at all" * 9, "what was sent is no archive of the state"),
    ):
        status, answer = put(process, path, body)
        assert (status, words in answer["error"]) == (400, True)
    status, _ = put(process, "/reset", b"", Origin="http://localhost")
    assert status == 403
    (tmp_path / "bad.zip").write_bytes(b"x")
    done = process.command("state", "import", str(tmp_path / "bad.zip"))
    assert (done.code, done.out) == (1, "")
    assert "the emulator refuses: " in done.err
    done = process.command("state", "import", str(tmp_path / "nothing.zip"))
    assert (done.code, "No such file" in done.err) == (2, True)
    assert code_of(process, token) == 41005


def test_a_folder_without_an_emulator(process: Process, tmp_path: Path) -> None:
    token = process.token()["access_token"]
    archive = tmp_path / "a.zip"
    assert process.command("state", "export", str(archive)).code == 0
    code, _, err = folder_command(tmp_path, "export", "b.zip")
    assert (code, "there is no state in" in err) == (1, True)
    code, out, err = folder_command(tmp_path, "import", "a.zip")
    assert code == 0, err
    assert f"in: the folder {tmp_path.resolve() / '.openapi-shim'} (no emulator runs on it)" in out
    assert "left out: clock and faults" in out
    code, out, err = folder_command(tmp_path, "export", "b.zip")
    assert code == 0, err
    with zipfile.ZipFile(tmp_path / "b.zip") as zipped:
        assert json.loads(zipped.read("state.json"))["kept"]
    with WeChat(state_dir=tmp_path / ".openapi-shim", store="") as running:
        query = f"/cv/ocr/drivinglicense?access_token={token}"
        assert Process(running.url, tmp_path).ask(query, method="POST")[1]["errcode"] == 41005
    code, _, err = folder_command(tmp_path, "reset")
    assert code == 0, err
    folder_command(tmp_path, "export", "c.zip")
    with zipfile.ZipFile(tmp_path / "c.zip") as zipped:
        assert json.loads(zipped.read("state.json"))["kept"] == []
    for where, words in (
        ("redis://127.0.0.1:1", "only the state in SQLite"),
        ("sqlite::memory:", "--url"),
    ):
        code, _, err = folder_command(tmp_path, "export", "d.zip", OPENAPI_SHIM_STORE=where)
        assert (code, words in err) == (1, True), err


def test_the_command_finds_the_emulator_that_has_this_folder(tmp_path: Path) -> None:
    with WeChat(state_dir=tmp_path / ".openapi-shim", store="") as running:
        port = running.url.rpartition(":")[2]
        code, out, err = folder_command(tmp_path, "reset", OPENAPI_SHIM_PORT=port)
        assert code == 0, err
        assert out.startswith(f"in: the emulator at {running.url}\n")
        other = tmp_path / "other"
        other.mkdir()
        code, out, err = folder_command(other, "reset", OPENAPI_SHIM_PORT=port)
        assert out.startswith(f"in: the folder {other.resolve() / '.openapi-shim'} "), err


def test_a_seed_file(process: Process, tmp_path: Path) -> None:
    token = process.token()["access_token"]
    seed = tmp_path / "seed.zip"
    assert process.command("state", "export", str(seed)).code == 0
    query = f"/cv/ocr/drivinglicense?access_token={token}"
    with WeChat(seed_file=seed) as running:
        here = Process(running.url, tmp_path)
        assert here.ask(query, method="POST")[1]["errcode"] == 41005
        more = here.token("stable_token")["access_token"]
        running.reset()
        assert here.ask(query, method="POST")[1]["errcode"] == 41005
        assert code_of(here, more) == 40001
    seed.write_bytes(b"broken")
    with pytest.raises(ConfigError, match=r"the seed file cannot be used: .* it is no zip"):
        WeChat(seed_file=seed)


def test_the_kit_s_reset_takes_tokens_quota_and_files(tmp_path: Path) -> None:
    with WeChat(process=True, daily_quota=1) as running:
        here = Process(running.url, tmp_path)
        running.recognizer.returns(name="x")
        token = here.token()["access_token"]
        assert code_of(here, token) == 41005
        running.reset()
        assert code_of(here, token) == 40001
        assert running.calls() == [] or running.calls("token") == []
    with (
        WeChat(store="redis://127.0.0.1:1") as running,
        pytest.raises(ControlError, match="SQLite"),
    ):
        running.reset()

"""``openapi-shim recognize``: tables, JSON lines, folders, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from openapi_shim.cli.recognize import recognize
from openapi_shim.ocr import FIELD_NAMES

SPECIMENS = Path(__file__).parents[2] / "data" / "specimens"
TRUTH = [json.loads(line) for line in (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()]

app = typer.Typer()
app.command()(recognize)
runner = CliRunner(env={"COLUMNS": "140", "NO_COLOR": "1"})


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return Path(shutil.copy(SPECIMENS / TRUTH[0]["file"], tmp_path / "photo.jpg"))


def test_a_table_for_people(photo: Path) -> None:
    result = runner.invoke(app, [str(photo)])
    assert result.exit_code == 0
    for name, value in TRUTH[0]["truth"].items():
        assert name in result.stdout
        assert value in result.stdout
    assert "初次领证日期" in result.stdout


def test_json_lines_for_programs_and_errors_beside(photo: Path) -> None:
    broken = photo.with_name("a_broken.png")
    broken.write_bytes(b"no image")
    result = runner.invoke(app, ["--json", str(photo.parent)])
    assert result.exit_code == 1
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["file"].endswith("a_broken.png")
    assert "not an image" in first["error"]
    assert second["file"].endswith("photo.jpg")
    assert second["fields"] == TRUTH[0]["truth"]
    assert set(second["confidence"]) == set(FIELD_NAMES)
    assert "a_broken.png: This is not an image" in result.stderr
    assert "1 of 2 photos could not be read" in result.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    result = runner.invoke(app, [str(tmp_path / "none.jpg")])
    assert result.exit_code == 2
    assert result.stderr.startswith("openapi-shim: there is no file or folder")
    assert "none.jpg" in result.stderr


def test_an_endless_file_is_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi_shim.cli.recognize._LARGEST", 1 << 20)
    result = runner.invoke(app, ["/dev/zero"])
    assert result.exit_code == 1
    assert "openapi-shim: /dev/zero: The file has more than 1.0 MB" in result.stderr


def test_an_empty_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a photo")
    result = runner.invoke(app, [str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no photo" in result.stderr


def test_no_argument_is_a_usage_error() -> None:
    assert runner.invoke(app, []).exit_code == 2

"""``openapi-shim recognize``: tables, JSON lines, folders, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
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


def test_details_for_people_and_a_drawing(photo: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "new" / "drawn.jpg"
    result = runner.invoke(app, [str(photo), "--details", "--annotate", str(drawn)])
    assert result.exit_code == 0, result.stderr
    assert "second_page_missing: the second page" in result.stdout
    assert "id_checksum" in result.stdout
    assert f"drawn in {drawn}" in result.stdout
    picture = cv2.imdecode(np.frombuffer(drawn.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert min(picture.shape[:2]) > 600


def test_details_for_programs_and_drawings_of_a_folder(photo: Path, tmp_path: Path) -> None:
    shutil.copy(photo, photo.with_suffix(".jpeg"))  # two photos of one name
    out = tmp_path / "drawn"
    command = ["--json", "--details", "--annotate", str(out), str(photo.parent)]
    result = runner.invoke(app, command)
    assert result.exit_code == 0, result.stderr
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert {Path(line["annotated"]) for line in (first, second)} == set(out.iterdir())
    assert {file.name for file in out.iterdir()} == {
        "photo.annotated.jpg",
        "photo-2.annotated.jpg",
    }
    assert first["fields"] == TRUTH[0]["truth"]
    assert set(first["quads"]) == set(first["text"]) == set(FIELD_NAMES)
    assert len(first["quads"]["name"]) == 4
    assert first["details"]["kind"] == "card"
    assert {check["holds"] for check in first["details"]["checks"]} == {True}


def test_without_details_there_are_none(photo: Path) -> None:
    result = runner.invoke(app, ["--json", str(photo)])
    assert set(json.loads(result.stdout)) == {"file", "fields", "confidence"}


def test_an_endless_file_is_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi_shim.cli.photo_files.LARGEST", 1 << 20)
    result = runner.invoke(app, ["/dev/zero"])
    assert result.exit_code == 1
    assert "openapi-shim: /dev/zero: The file has more than 1.0 MB" in result.stderr

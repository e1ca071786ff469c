"""``openapi-shim evaluate``: tables, JSON, the sheet of errors, and mistakes in the list."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from openapi_shim.cli.evaluate import evaluate
from openapi_shim.errors import ConfigError

SPECIMENS = Path(__file__).parents[2] / "data" / "specimens"
LINES = [json.loads(line) for line in (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()]
LINE = next(line for line in LINES if line["file"] == "current_normal.jpg")

app = typer.Typer()
app.command()(evaluate)
runner = CliRunner(env={"COLUMNS": "140", "NO_COLOR": "1"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One photo whose listed name is another one's, and a blank picture."""
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(SPECIMENS / LINE["file"], photos)
    _, blank = cv2.imencode(".png", np.full((300, 400, 3), 200, np.uint8))
    (photos / "blank.png").write_bytes(bytes(blank))
    wrong = {**LINE, "truth": {**LINE["truth"], "name": "孔乙己"}}
    lines = [wrong, {"file": "blank.png", "truth": {"name": "孔乙己"}}]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (photos / "truth.jsonl").write_text(text, "utf-8")
    return photos


def test_tables_without_licence_data_and_a_sheet_of_errors(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "errors.jpg"
    result = runner.invoke(app, [str(folder), "--sheet", str(sheet)])
    assert result.exit_code == 0, result.stderr
    assert "2 photos" in result.stdout
    assert "all eleven of a photo" in result.stdout
    assert "What a confidence is worth" in result.stdout
    assert "blank.png: No text was found" in result.stdout
    told = result.stdout + result.stderr
    assert not any(value in told for value in ("孔乙己", *LINE["truth"].values()))
    assert "1 of 1 values that were not exact are drawn" in result.stdout
    drawn = cv2.imdecode(np.frombuffer(sheet.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None


def test_one_object_for_programs_and_data_only_where_asked_for(folder: Path) -> None:
    result = runner.invoke(app, [str(folder), "--json", "--show"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["photos"] == 2
    assert found["refused"] == 1
    assert found["all_eleven"] == {"photos": 1, "exact": 0}
    assert found["fields"]["name"] == {"photos": 2, "exact": 0}
    assert found["fields"]["id_num"] == {"photos": 1, "exact": 1}
    (miss,) = found["errors"]
    assert (miss["field"], miss["truth"], miss["read"]) == (
        "name",
        "孔乙己",
        LINE["truth"]["name"],
    )
    assert found["refusals"][0]["file"].endswith("blank.png")


def test_a_photo_without_a_line_is_told(folder: Path) -> None:
    (folder / "truth.jsonl").write_text(json.dumps({"file": "blank.png", "truth": {"sex": "男"}}))
    result = runner.invoke(app, [str(folder)])
    assert "not in the list, and not counted: current_normal.jpg" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none"], "none is no folder"),
        ([".", "--truth", "none.jsonl"], "there is no none.jsonl"),
        ([".", "--sheet", "errors.txt"], "name a .jpg file"),
        ([".", "--sheet", "current_normal.jpg"], "is one of the photos"),
        ([".", "--sheet", "none/errors.jpg"], "there is no folder none"),
    ],
)
def test_arguments_that_cannot_be_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(folder)
    result = runner.invoke(app, arguments)
    assert isinstance(result.exception, ConfigError)
    assert words in str(result.exception)

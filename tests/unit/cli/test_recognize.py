"""``openapi-shim recognize`` with a recognizer that reads nothing: what is told, and where."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from openapi_shim.cli import recognize as command
from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.ocr import FIELD_NAMES, Check, Details, Field, Reading

app = typer.Typer()
app.command()(command.recognize)
runner = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"})

CHECK = "birth, first issue, begin and end of validity follow one another, one by one"


class Fake:
    """Reads a name; nothing from a file that says so."""

    def read(self, data: bytes, *, details: bool) -> Reading:
        if b"landscape" in data:
            raise LicenseNotFoundError("The image has no line of text.")
        fields = {name: Field() for name in FIELD_NAMES}
        fields["name"] = Field("张三", 0.99, ((10, 10), (60, 10), (60, 30), (10, 30)), "张三")
        more = Details("card", None, {}, (), (Check("dates_in_order", True, CHECK),))
        return Reading(fields, 400, 300, more if details else None)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two photos, of which one is no licence."""
    monkeypatch.setattr(command, "loaded_recognizer", lambda _: Fake())
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "b.jpg").write_text("landscape")
    _, data = cv2.imencode(".jpg", np.full((300, 400, 3), 200, np.uint8))
    (folder / "a.jpg").write_bytes(bytes(data))
    return folder


def run(*arguments: object) -> Any:
    return runner.invoke(app, [str(one) for one in arguments])


def test_one_bad_photo_does_not_keep_the_others_from_being_read(photos: Path) -> None:
    result = run(photos)
    assert result.exit_code == 1
    assert "张三" in result.stdout
    assert "b.jpg: The image has no line of text." in result.stderr.replace("\n", "")
    assert result.stderr.endswith("openapi-shim: 1 of 2 photos could not be read.\n")
    assert "\n\n" not in result.stderr


def test_a_sentence_is_not_broken_where_no_terminal_is(photos: Path) -> None:
    result = run(photos / "a.jpg", "--details")
    assert f"dates_in_order: {CHECK}\n" in result.stdout


def test_a_second_run_replaces_its_drawings_and_does_not_read_them(photos: Path) -> None:
    for _ in range(2):
        result = run(photos, "--annotate", photos, "--json")
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        assert [Path(line["file"]).name for line in lines] == ["a.jpg", "b.jpg"]
        assert lines[0]["annotated"] == str(photos / "a.annotated.jpg")
        assert set(lines[1]) == {"file", "error"}
    assert sorted(file.name for file in photos.iterdir()) == ["a.annotated.jpg", "a.jpg", "b.jpg"]
    named = run(*sorted(photos.glob("a*")))
    assert named.exit_code == 0
    assert "a.annotated.jpg is passed over" in named.stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_drawing_that_cannot_be_written_loses_no_reading(photos: Path, form: list[str]) -> None:
    place = photos / "a.annotated.jpg"
    place.mkdir()
    result = run(photos / "a.jpg", "--annotate", photos, *form)
    assert result.exit_code == 1
    assert "张三" in result.stdout
    assert "annotated" not in result.stdout.replace(str(photos), "")
    assert "a.annotated.jpg: the drawing cannot be written: Is a directory" in result.stderr


def test_what_was_passed_over_is_told(photos: Path) -> None:
    (photos / "below").mkdir()
    result = run(photos)
    assert "below is passed over: name what to read" in result.stderr


class Terminal(io.StringIO):
    """What calls itself a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("there", "shown"), [(True, False), (False, True)])
def test_a_bar_never_runs_through_the_tables(
    monkeypatch: pytest.MonkeyPatch, there: bool, shown: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal() if there else io.StringIO())
    errors = Terminal()
    files = [Path("a.jpg"), Path("b.jpg")]
    console = Console(file=errors, width=80)
    assert list(command._with_progress(files, console)) == files
    assert ("Reading" in errors.getvalue()) is shown

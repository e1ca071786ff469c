"""Whole specimens, the command that writes them, and the six that are test data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from openapi_shim.cli.specimens import specimens
from openapi_shim.specimens import FIELD_NAMES, GRADES, LAYOUTS, ROTATIONS, make_specimen
from openapi_shim.specimens.licenses import invent_license

DATA = Path(__file__).parents[2] / "data" / "specimens"

app = typer.Typer()
app.command()(specimens)


def shape_of(image: bytes) -> tuple[int, int]:
    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels.shape[0], pixels.shape[1]


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.fonts
@pytest.mark.parametrize("grade", list(GRADES))
def test_same_seed_same_bytes(grade: str) -> None:
    specimen = make_specimen(11, grade=grade)
    assert specimen == make_specimen(11, grade=grade)
    assert specimen.image[:3] == b"\xff\xd8\xff"
    assert len(specimen.image) < 1_500_000
    assert tuple(specimen.truth) == FIELD_NAMES
    assert all(specimen.truth.values())


@pytest.mark.fonts
def test_rotation_turns_the_same_photo() -> None:
    upright, turned = (make_specimen(3, rotation=angle) for angle in (0, 90))
    assert shape_of(upright.image) == shape_of(turned.image)[::-1]
    assert upright.truth == turned.truth
    assert (upright.rotation, turned.rotation) == (0, 90)


@pytest.mark.parametrize("wrong", [{"grade": "good"}, {"layout": "new"}, {"rotation": 45}])
def test_unknown_choice_names_the_choices(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        make_specimen(0, **wrong)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 is negative"):
        make_specimen(-1)


@pytest.mark.fonts
def test_repr_shows_no_image() -> None:
    assert "image" not in repr(make_specimen(0, grade="extreme"))


def test_stored_specimens_are_small_and_complete() -> None:
    lines = lines_of(DATA)
    assert {line["file"] for line in lines} == {path.name for path in DATA.glob("*.jpg")}
    assert {line["layout"] for line in lines} == set(LAYOUTS)
    assert {line["rotation"] for line in lines} == set(ROTATIONS)
    for line in lines:
        image = (DATA / line["file"]).read_bytes()
        assert len(image) < 150_000
        assert max(shape_of(image)) <= 1200
        assert tuple(line["truth"]) == FIELD_NAMES
        assert line["truth"] == invent_license(line["seed"], line["layout"]).truth


@pytest.mark.fonts
def test_command_writes_photos_and_truth(tmp_path: Path) -> None:
    out = tmp_path / "set"
    options = ["--count", "2", "--seed", "5", "--grade", "clean", "--rotation", "180", "--json"]
    result = CliRunner().invoke(app, [str(out), *options])
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["count"], summary["seed"], summary["grade"]) == (2, 5, "clean")
    lines = lines_of(out)
    assert [line["file"] for line in lines] == ["0001.jpg", "0002.jpg"]
    assert [line["seed"] for line in lines] == [5, 6]
    assert {line["rotation"] for line in lines} == {180}
    specimen = make_specimen(6, grade="clean", rotation=180)
    assert (out / "0002.jpg").read_bytes() == specimen.image
    assert lines[1]["truth"] == specimen.truth


@pytest.mark.fonts
def test_command_keeps_a_folder_in_use_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    (tmp_path / "0009.jpg").write_text("of an earlier set")
    (tmp_path / "truth.jsonl").write_text('{"file": "0009.jpg"}\n')
    options = [str(tmp_path), "--count", "1", "--grade", "extreme"]
    refused = CliRunner().invoke(app, options)
    assert refused.exit_code == 2
    assert "--force" in refused.output
    forced = CliRunner().invoke(app, [*options, "--force"])
    assert forced.exit_code == 0, forced.output
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt", "0001.jpg", "truth.jsonl"}


@pytest.mark.fonts
@pytest.mark.parametrize(
    "wrong", [["--grade", "good"], ["--layout", "new"], ["--rotation", "45"], ["--count", "0"]]
)
def test_command_refuses_bad_input(tmp_path: Path, wrong: list[str]) -> None:
    assert CliRunner().invoke(app, [str(tmp_path / "set"), *wrong]).exit_code == 2


@pytest.mark.fonts
def test_command_refuses_a_file_as_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    result = CliRunner().invoke(app, [str(file)])
    assert result.exit_code == 2
    assert "name a folder" in result.output


def test_command_names_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "x", Path("/proc/x")):
        result = CliRunner().invoke(app, [str(place), "--count", "1"])
        assert result.exit_code == 2
        assert result.stderr.startswith(f"openapi-shim: {place} cannot be written: ")

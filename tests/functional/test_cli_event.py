"""The mistakes that end ``openapi-shim`` before anything runs."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from openapi_shim.cli.app import app
from openapi_shim.cli.event import event_from

JPEG = b"\xff\xd8\xff\xe0"


def test_forms_of_an_event(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(JPEG)
    event = json.loads(event_from(photo, None, None))
    assert event == {"img": {"contentType": "image/jpeg", "value": base64.b64encode(JPEG).decode()}}
    photo.write_bytes(b"?")
    assert json.loads(event_from(photo, None, None))["img"]["contentType"] == "image/png"
    assert event_from(None, '{"imgUrl": "http://h"}', None) == '{"imgUrl": "http://h"}'
    file = tmp_path / "event.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert event_from(None, None, file) == '{"a": 1}'
    assert event_from(None, None, None) == "{}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", '{"a":\n x}'], "line 2, column 2"),
        (["--data", "[]"], "not an object"),
        (["--data", "{}", "--event", "e.json"], "exclude each other"),
        (["--image", "a.jpg", "--data", "{}"], "exclude each other"),
        (["--image", "missing.jpg"], "missing.jpg: No such file"),
        (["--event", "missing.json"], "missing.json: No such file"),
        (["--event", "."], "Is a directory"),
        (["--event", "binary.json"], "not UTF-8"),
        (["--event", "broken.json"], "broken.json is not JSON"),
        (["--nonsense"], "No such option"),
    ],
)
def test_usage_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("binary.json").write_bytes(b"\xff\xfe")
    Path("broken.json").write_text("{")
    outcome = CliRunner(env={"COLUMNS": "400"}).invoke(app, ["invoke", "f", *arguments])
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""


def test_bad_parameters_are_typers_own() -> None:
    with pytest.raises(typer.BadParameter):
        event_from(None, "{", None)

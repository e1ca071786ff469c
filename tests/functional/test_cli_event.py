"""The mistakes that end ``openapi-shim`` before anything runs."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from openapi_shim.cli import main
from openapi_shim.cli.app import app
from openapi_shim.cli.event import event_from
from openapi_shim.settings import Settings

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


@pytest.mark.parametrize("command", [[], ["batch"], ["package"], ["faults"]])
def test_a_command_without_its_arguments_shows_its_help_once(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["openapi-shim", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out.count(" ".join(["Usage: openapi-shim", *command])) == 1
    assert not shown.err.strip()


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
        (
            ["--image", "huge.jpg"],
            "huge.jpg has 7.0 MB; WeChat takes under 2.0 MB: save it smaller",
        ),
        (["--image", "wide.jpg"], "an event carries 6.0 MB in base64"),
        (["--image", "/dev/zero"], "/dev/zero has 6.0 MB; WeChat takes under 2.0 MB"),
        (["--event", "huge.jpg"], "huge.jpg has 7.0 MB: an event has 6.0 MB at most"),
        (["--url", "nonsense"], "--url 'nonsense' is no URL of an emulator"),
        (["--url", "localhost:8420"], "as http://127.0.0.1:8420"),
        (["--url", "http://"], "is no URL of an emulator"),
        (["--url", "http://h:x"], "is no URL of an emulator"),
        (["--url", "ftp://h"], "is no URL of an emulator"),
        (["--nonsense"], "No such option: --nonsense See openapi-shim invoke --help"),
    ],
)
def test_usage_errors(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("binary.json").write_bytes(b"\xff\xfe")
    Path("broken.json").write_text("{")
    for name, size in (("huge.jpg", 7 << 20), ("wide.jpg", 5 << 20)):
        with Path(name).open("wb") as file:
            file.truncate(size)
    monkeypatch.setattr(sys, "argv", ["openapi-shim", "invoke", "f", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("openapi-shim: ")
    assert len(told.err.splitlines()) == 1
    assert message in told.err


def test_a_photo_that_wechat_would_refuse_is_told_and_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(JPEG + bytes(2 << 20))
    event = json.loads(event_from(photo, None, None))
    assert len(base64.b64decode(event["img"]["value"])) == len(JPEG) + (2 << 20)
    told = capsys.readouterr().err
    assert told.startswith(f"openapi-shim: {photo} has 2.0 MB; WeChat takes under 2.0 MB: save it")


def test_help_of_start_is_whole_at_80_columns() -> None:
    runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1"})
    outcome = runner.invoke(app, ["start", "--help"])
    assert outcome.exit_code == 0
    assert "…" not in outcome.stdout
    told = " ".join(line[46:].strip(" │") for line in outcome.stdout.splitlines())
    for name in ("host", "port", "daily_quota", "image_urls", "function_timeout", "inspect"):
        assert str(Settings.model_fields[name].description) in told, name
    assert str(Settings.model_fields["image_urls"].description) + " Default: loopback." in told
    assert "Default: on." in told
    assert outcome.stdout.count("OPENAPI_SHIM_") == 1


def test_no_argument_shows_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["openapi-shim"])
    with pytest.raises(SystemExit):
        main()
    assert "recognize" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["PIL", "watchfiles", "debugpy", "google.protobuf"])
def test_a_missing_package_of_an_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    def missing() -> int:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("openapi_shim.cli.app.run", missing)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"{name} is not installed: install the extra: pip install '.[all]'" in (
        capsys.readouterr().err
    )


def test_bad_parameters_are_typers_own() -> None:
    with pytest.raises(typer.BadParameter):
        event_from(None, "{", None)

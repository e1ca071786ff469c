"""``openapi-shim evaluate``: what is said before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi_shim.cli.evaluate import _tell_others
from openapi_shim.cli.truth import TruePhoto


def test_photos_without_a_line_are_told_and_other_files_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("1.jpg", "2.HEIC", "3.gif", "._1.jpg", "truth.jsonl"):
        (tmp_path / name).write_bytes(b"")
    _tell_others(tmp_path, [TruePhoto(tmp_path / "1.jpg", {"sex": "男"})])
    told = capsys.readouterr().err
    assert told == "openapi-shim: not in the list, and not counted: 2.HEIC and 1 more\n"
    _tell_others(
        tmp_path, [TruePhoto(tmp_path / name, {}) for name in ("1.jpg", "2.HEIC", "3.gif")]
    )
    assert capsys.readouterr().err == ""

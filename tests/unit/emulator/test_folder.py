from __future__ import annotations

import os
from pathlib import Path

import pytest

from openapi_shim.emulator.functions.folder import FunctionFolder
from openapi_shim.errors import InvocationError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("beta", "alpha", ".git", "1st"):
        (tmp_path / "functions" / name).mkdir(parents=True)
        (tmp_path / "functions" / name / "index.py").touch()
    (tmp_path / "functions" / "empty").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "index.py").touch()
    return tmp_path / "functions"


def refusal(root: Path, name: str) -> str:
    with pytest.raises(InvocationError) as caught:
        FunctionFolder(root).find(name)
    assert caught.value.errcode == -501000
    return str(caught.value)


def test_names(root: Path) -> None:
    assert FunctionFolder(root).names() == ["alpha", "beta"]
    assert FunctionFolder(root / "missing").names() == []
    assert FunctionFolder(root).find("beta").folder == (root / "beta").resolve()


def test_an_unknown_name_lists_those_found(root: Path) -> None:
    reason = refusal(root, "alfa")
    assert "no function 'alfa'" in reason
    assert "found: alpha, beta; did you mean alpha?" in reason
    assert "has no index.py" in refusal(root, "empty")
    assert "found: none" in refusal(root / "missing", "f")


@pytest.mark.parametrize("name", ["../outside", "..", "", "a/b", "/etc", "a\n", "a" * 61, "函数"])
def test_no_way_out_of_the_folder(root: Path, name: str) -> None:
    assert "is no name of a function" in refusal(root, name)


def test_the_time_out_comes_from_config_json(root: Path) -> None:
    function = FunctionFolder(root).find("alpha")
    assert function.timeout(3) == 3
    config = function.folder / "config.json"
    config.write_text('{"timeout": 20}')
    assert function.timeout(3) == 20
    config.write_text('{"timeout": ')
    with pytest.raises(InvocationError) as caught:
        function.timeout(3)
    assert caught.value.errcode == -504002
    assert "line 1, column 13" in str(caught.value)


def test_a_change_of_any_file_shows(root: Path) -> None:
    function = FunctionFolder(root).find("alpha")
    prints = [function.fingerprint()]
    (function.folder / "more").mkdir()
    for change in (
        lambda: (function.folder / "more" / "lib.py").write_text("a = 1"),
        lambda: os.utime(function.folder / "more" / "lib.py", ns=(1, 1)),
        lambda: (function.folder / "config.json").write_text("{}"),
        (function.folder / "more" / "lib.py").unlink,
    ):
        change()
        prints.append(function.fingerprint())
    assert len(set(prints)) == 5
    (function.folder / "notes.txt").touch()
    assert function.fingerprint() == prints[-1]

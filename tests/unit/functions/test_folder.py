from __future__ import annotations

from pathlib import Path

import pytest

from openapi_shim.emulator.functions.folder import FunctionFolder, Runtime
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
    assert "has no index.py or index.js" in refusal(root, "empty")
    assert "found: none" in refusal(root / "missing", "f")


@pytest.mark.parametrize("name", ["../outside", "..", "", "a/b", "/etc", "a\n", "a" * 61, "函数"])
def test_no_way_out_of_the_folder(root: Path, name: str) -> None:
    assert "is no name of a function" in refusal(root, name)


def test_either_language(root: Path) -> None:
    (root / "empty" / "index.js").touch()
    (root / "alpha" / "index.js").touch()
    assert FunctionFolder(root).names() == ["alpha", "beta", "empty"]
    assert FunctionFolder(root).find("empty").runtimes() == [Runtime.NODE]
    assert FunctionFolder(root).find("alpha").runtimes() == [Runtime.PYTHON, Runtime.NODE]

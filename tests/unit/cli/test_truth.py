"""The list of photos with what is true of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openapi_shim.cli.truth import read_truth
from openapi_shim.errors import ConfigError

LINE = {"file": "1.jpg", "truth": {"name": "甲", "sex": "男"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(b"photo")
    return tmp_path


def listed(folder: Path, *lines: object) -> Path:
    path = folder / "truth.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts), "utf-8")
    return path


def test_lines_in_order_others_keys_and_empty_lines_aside(folder: Path) -> None:
    path = listed(folder, {**LINE, "seed": 7}, "", {"file": "2.jpg", "truth": {"name": ""}})
    first, second = read_truth(path, folder)
    assert (first.file, first.truth) == (folder / "1.jpg", {"name": "甲", "sex": "男"})
    assert (second.file, second.truth) == (folder / "2.jpg", {"name": ""})
    assert "甲" not in repr(first)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "is no JSON: .* at column 2"),
        ("[1]", 'has no "file"'),
        ({"truth": {"name": "甲"}}, 'has no "file"'),
        ({"file": "1.jpg"}, 'has no "truth"'),
        ({"file": "1.jpg", "truth": {}}, 'has no "truth"'),
        ({"file": "1.jpg", "truth": {"nane": "甲"}}, "unknown field 'nane': fields are id_num"),
        ({"file": "1.jpg", "truth": {"sex": 1}}, "sex is no text"),
        ({"file": "none.jpg", "truth": {"sex": "男"}}, "there is no photo .*none.jpg"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(folder: Path, line: object, words: str) -> None:
    path = listed(folder, {"file": "2.jpg", "truth": {"name": "甲"}}, line)
    with pytest.raises(ConfigError, match=f"truth.jsonl line 2: {words}") as caught:
        read_truth(path, folder)
    assert "甲" not in str(caught.value)


def test_a_photo_twice(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 2: 1\.jpg has a line already, 1"):
        read_truth(listed(folder, LINE, LINE), folder)


def test_no_list_an_empty_one_and_one_that_is_no_text(folder: Path) -> None:
    with pytest.raises(ConfigError, match="name the list with --truth"):
        read_truth(folder / "none.jsonl", folder)
    with pytest.raises(ConfigError, match="names no photo"):
        read_truth(listed(folder, ""), folder)
    (folder / "truth.jsonl").write_bytes(b"\xff\xfe{")
    with pytest.raises(ConfigError, match="must be UTF-8"):
        read_truth(folder / "truth.jsonl", folder)

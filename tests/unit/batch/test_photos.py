"""What is found in a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openapi_shim.batch.photos import Passed, find_photos, is_photo
from openapi_shim.errors import BatchError


def test_photos_are_found_folder_by_folder_in_order(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.PNG", "z/c.webp", "z/深/d.heic", "m/e.jpeg", "notes.txt", ".f.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "g.jpg").write_bytes(b"")
    passed = Passed()
    found = list(find_photos(tmp_path, passed))
    assert [one.path for one in found] == [
        "a.PNG", "b.jpg", "m/e.jpeg", "z/c.webp", "z/深/d.heic",
    ]  # fmt: skip
    assert found[0].size == 2
    assert found[0].changed == (tmp_path / "a.PNG").stat().st_mtime_ns
    assert passed == Passed(others=1, hidden=2)


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    for folder in (outside, inside):
        folder.mkdir()
    (outside / "secret.jpg").write_bytes(b"")
    (inside / "a.jpg").symlink_to(outside / "secret.jpg")
    (inside / "b").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    passed = Passed()
    assert list(find_photos(inside, passed)) == []
    assert passed.notes() == ("3 symbolic links were not followed: name the folder they lead to",)


def test_what_only_looks_like_a_photo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")  # opening it would wait for ever
    passed = Passed()
    assert list(find_photos(tmp_path, passed)) == []
    assert passed.others == 1


def test_a_very_deep_folder(tmp_path: Path) -> None:
    depth = 1100  # beyond Python's recursion, and beyond the length of a path
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    found = list(find_photos(tmp_path, Passed()))
    assert len(found) == 1
    assert found[0].problem.startswith("the folder cannot be listed: File name too long")
    # pytest could not remove it by its path.
    _remove_deep(tmp_path, depth)


def _remove_deep(top: Path, depth: int) -> None:
    """Remove a chain of folders that is longer than a path may be: the upper half is moved out."""
    while (top / "deep").exists():
        inner = top
        for _ in range(min(depth, 500)):
            if not (inner / "deep").exists():
                break
            inner = inner / "deep"
        if inner == top:
            break
        if (inner / "deep").exists():
            (inner / "deep").rename(top / "rest")
        while inner != top:
            inner.rmdir()
            inner = inner.parent
        if (top / "rest").exists():
            (top / "rest").rename(top / "deep")


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.jpg")).touch()
    (found,) = find_photos(tmp_path, Passed())
    assert os.fsencode(found.path) == b"\xff.jpg"


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"cannot be listed: No such file .* Check"):
        list(find_photos(tmp_path / "gone", Passed()))


@pytest.mark.parametrize(
    ("name", "photo"),
    [("a.jpg", True), ("深/照.JPEG", True), ("a.heic", True), ("a", False), ("a.jpg/", True),
     ("a.jsonl", False), (".jpg", False)],
)  # fmt: skip
def test_the_names_of_photos(name: str, photo: bool) -> None:
    assert is_photo(name) is photo

"""Which photos are meant, and where their drawings go."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi_shim.cli.photo_files import Photos, drawing_places, photos_at
from openapi_shim.errors import ConfigError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def at(*names: str) -> Photos:
    return photos_at([Path(name) for name in names])


def test_a_folder_has_its_photos_by_name_and_its_folders_are_told() -> None:
    put("p/b.JPG", "p/a.heic", "p/notes.txt", "p/._b.JPG", "p/below/c.jpg")
    assert at("p") == Photos(
        (Path("p/a.heic"), Path("p/b.JPG")),
        (
            "p/below is passed over: name what to read, or read all of it by "
            "openapi-shim batch submit p",
        ),
    )
    put("p/more/d.jpg")
    (note,) = at("p").notes
    assert note.startswith("2 folders in p are passed over: ")


def test_each_photo_is_read_once_however_it_is_named(tmp_path: Path) -> None:
    put("p/a.jpg", "b.txt")
    found = at("b.txt", "p/a.jpg", "p", "./p/../p/a.jpg", str(tmp_path / "p/a.jpg"))
    assert found == Photos((Path("b.txt"), Path("p/a.jpg")), ())


def test_drawings_are_no_photos_unless_they_are_all_that_is_named() -> None:
    put("p/a.jpg", "p/a.annotated.jpg")
    assert at("p").files == (Path("p/a.jpg"),)
    beside = at("p/a.annotated.jpg", "p/a.jpg")
    assert beside.files == (Path("p/a.jpg"),)
    assert beside.notes == ("p/a.annotated.jpg is passed over: it was drawn by an earlier run",)
    assert at("p/a.annotated.jpg").files == (Path("p/a.annotated.jpg"),)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.jpg", r"there is no file or folder none\.jpg"),
        ("empty", r"the folder empty holds no photo \(avif, .*\)\.$"),
        ("deep", r"holds no photo .* Those in deep/below are read when you name that"),
        ("drawn", r"the folder drawn holds no photo"),
    ],
)
def test_nothing_to_read_is_told(name: str, words: str) -> None:
    put("empty/notes.txt", "deep/below/a.jpg", "drawn/a.annotated.jpg")
    with pytest.raises(ConfigError, match=words):
        at(name)


def test_a_folder_that_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    put("p/a.jpg")
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ConfigError, match="the folder p cannot be listed: Permission denied"):
        at("p")


def places(target: str, *names: str) -> list[str]:
    return [
        str(place) for place in drawing_places([Path(one) for one in names], Path(target)).values()
    ]


def test_drawings_have_names_of_their_own() -> None:
    put("there.jpg/x", "p/a.jpg")
    assert places("new/out.JPG", "p/a.jpg") == ["new/out.JPG"]
    assert Path("new").is_dir()
    assert places("out", "p/a.jpg", "p/a.png", "q/a.jpg", "b.jpg") == [
        "out/a.annotated.jpg",
        "out/a-2.annotated.jpg",
        "out/a-3.annotated.jpg",
        "out/b.annotated.jpg",
    ]
    assert places("there.jpg", "p/a.jpg") == ["there.jpg/a.annotated.jpg"]  # a folder, all the same
    assert drawing_places([Path("p/a.jpg")], None) == {}


@pytest.mark.parametrize(
    ("target", "names", "words"),
    [
        ("p/../p/a.jpg", ["p/a.jpg"], "is the photo itself: name another file"),
        ("out.png", ["p/a.jpg"], r"name a \.jpg file or a folder"),
        ("out.jpg", ["p/a.jpg", "p/b.jpg"], "name a folder for several photos"),
        ("p/a.jpg/below", ["p/a.jpg"], r"--annotate p/a\.jpg/below: "),
    ],
)
def test_a_place_where_no_drawing_can_be(target: str, names: list[str], words: str) -> None:
    put("p/a.jpg", "p/b.jpg")
    with pytest.raises(ConfigError, match=words):
        places(target, *names)

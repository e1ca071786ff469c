from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openapi_shim.emulator.storage.disk_names import place_of
from openapi_shim.emulator.storage.file_id import check_path
from openapi_shim.errors import StorageError


def fits(path: str) -> bool:
    try:
        check_path(path)
    except StorageError:
        return False
    return True


SEGMENTS = st.one_of(
    st.text(min_size=1, max_size=30),
    st.text("aAbé.%~ \\:é照", min_size=1, max_size=8),
    st.sampled_from(["..", ".", "CON", "nul.txt", "~", "a.", "a ", ".a", "x" * 260, "照" * 90]),
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join).filter(fits)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("cat.jpg", "cat.jpg"),
        ("photos/2024/IMG_0001.JPG", "photos/2024/IMG_0001.JPG"),
        ("证件/照片 a+b.jpg", "证件/照片 a+b.jpg"),
        ("README", "README%"),
        ("v1.0/a.txt", "v1%2E0/a.txt"),
        (".env", "%2Eenv%"),
        ("a\\..\\b.txt", "a%5C..%5Cb.txt"),
        ("a:b?.txt", "a%3Ab%3F.txt"),
        ("100%.txt", "100%25.txt"),
        ("CON/aux.txt", "%43ON/%61ux.txt"),
        ("e\u0301.txt", "e%CC%81.txt"),
        ("\u00e9.txt", "%C3%A9.txt"),
        ("a ./b.", "a %2E/b%2E%"),
    ],
)
def test_names_stay_readable_where_that_is_safe(path: str, place: str) -> None:
    assert place_of(path, folds_case=False) == PurePosixPath(place)


def test_where_case_does_not_count_capitals_are_encoded() -> None:
    assert str(place_of("IMG/É照.JPG", folds_case=True)) == "%49%4D%47/%C3%89%E7%85%A7.%4A%50%47"


def test_a_name_too_long_keeps_its_beginning() -> None:
    name = place_of("x" * 300 + ".jpg", folds_case=False).name
    assert name.startswith("x" * 60 + "%~")
    assert len(name) < 200


@settings(deadline=None)
@given(PATHS, st.booleans())
@example("a/../b".replace("..", "..."), False)
def test_no_path_leads_out(path: str, folds_case: bool) -> None:
    place = place_of(path, folds_case=folds_case)
    assert not place.is_absolute()
    assert len(place.parts) == len(path.split("/"))
    for part in place.parts:
        assert part not in ("", ".", "..")
        assert not set(part) & set('\0/\\:*?"<>|\n')
        assert len(part.encode()) <= 255


@settings(max_examples=500, deadline=None)
@given(PATHS, PATHS)
@example("a", "a/b")
@example("a.b", "a.b/c")
@example("a", "a%")
@example(".a", "%2Ea")
@example("x" * 300, "x" * 301)
@example("\u00e9", "e\u0301")
def test_no_two_paths_share_a_place_and_no_file_is_a_folder(one: str, other: str) -> None:
    places = [place_of(path, folds_case=False) for path in (one, other)]
    assert (places[0] == places[1]) == (one == other)
    assert places[0] not in places[1].parents


@settings(max_examples=500, deadline=None)
@given(PATHS, PATHS)
@example("Aa.txt", "aA.txt")
@example("ß", "ss")
@example("ſ", "s")
def test_nor_do_they_where_case_does_not_count(one: str, other: str) -> None:
    def folded(path: str) -> str:
        text = str(place_of(path, folds_case=True))
        return unicodedata.normalize("NFC", text.casefold())

    assert (folded(one) == folded(other)) == (one == other)


@settings(deadline=None)
@given(PATHS)
def test_the_disk_takes_every_place(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "places"
    place = folder / Path(place_of(path, folds_case=False))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")
    assert place.resolve().is_relative_to(folder.resolve())

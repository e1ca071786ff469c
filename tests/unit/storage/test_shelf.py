from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openapi_shim.emulator.storage import shelf as shelf_module
from openapi_shim.emulator.storage.shelf import Shelf, StoredFile
from openapi_shim.errors import StorageError
from tests.unit.storage.test_disk_names import PATHS
from tests.unit.wechat.fakes import NOON, FakeClock

ENV = "local-env"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "storage", clock=FakeClock())


def put(shelf: Shelf, path: str, content: bytes, content_type: str = "") -> StoredFile:
    incoming = shelf.receive()
    try:
        incoming.write(content)
        return incoming.keep(ENV, path, content_type)
    finally:
        incoming.drop()


def get(shelf: Shelf, path: str) -> bytes | None:
    opened = shelf.open(ENV, path)
    if opened is None:
        return None
    with opened[0] as file:
        return file.read()


def entries(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_kept_with_what_is_known_of_it(shelf: Shelf, tmp_path: Path) -> None:
    stored = put(shelf, "a/cat.jpg", b"meow", "image/webp")
    assert stored == shelf.find(ENV, "a/cat.jpg")
    assert (stored.size, stored.content_type, stored.created) == (4, "image/webp", NOON)
    assert stored.etag == hashlib.md5(b"meow", usedforsecurity=False).hexdigest()
    assert get(shelf, "a/cat.jpg") == b"meow"
    assert (tmp_path / "storage/local-env/files/a/cat.jpg").read_bytes() == b"meow"
    assert not list((tmp_path / "storage/.incoming").iterdir())


@settings(deadline=None)
@given(st.dictionaries(PATHS, st.binary(max_size=20), max_size=6))
def test_what_is_put_is_got(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
) -> None:
    root = tmp_path_factory.mktemp("shelf", numbered=True)
    shelf = Shelf(root, clock=FakeClock())
    for path, content in contents.items():
        put(shelf, path, content)
    again = Shelf(root, clock=FakeClock())
    for path, content in contents.items():
        assert get(again, path) == content
        assert again.remove(ENV, path)
        assert get(again, path) is None
    assert not list((root / ENV / "files").rglob("*")) if contents else True


def test_a_type_nobody_told_is_guessed(shelf: Shelf) -> None:
    assert put(shelf, "a.png", b"").content_type == "image/png"
    assert put(shelf, "a", b"").content_type == "application/octet-stream"


def test_names_differ_by_case_and_by_environment(shelf: Shelf) -> None:
    put(shelf, "a.txt", b"small")
    put(shelf, "A.txt", b"large")
    assert (get(shelf, "a.txt"), get(shelf, "A.txt")) == (b"small", b"large")
    assert shelf.find("other", "a.txt") is None


def test_a_file_that_is_replaced_stays_whole_for_its_readers(shelf: Shelf) -> None:
    put(shelf, "a.txt", b"old")
    opened = shelf.open(ENV, "a.txt")
    assert opened
    put(shelf, "a.txt", b"brand new")
    assert shelf.remove(ENV, "a.txt")
    with opened[0] as file:
        assert file.read() == b"old"
    assert opened[1].size == 3


def test_a_dropped_file_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, "a.txt", b"old")
    incoming = shelf.receive()
    incoming.write(b"half")
    incoming.drop()
    assert get(shelf, "a.txt") == b"old"
    assert not list((tmp_path / "storage/.incoming").iterdir())


def test_a_file_put_by_hand_is_served(shelf: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "storage/local-env/files/logos"
    folder.mkdir(parents=True)
    (folder / "logo.png").write_bytes(b"png")
    found = shelf.find(ENV, "logos/logo.png")
    assert found
    assert (found.size, found.content_type) == (3, "image/png")
    assert shelf.remove(ENV, "logos/logo.png")


def test_a_file_changed_by_hand_gets_another_etag(shelf: Shelf, tmp_path: Path) -> None:
    before = put(shelf, "a.txt", b"old")
    (tmp_path / "storage/local-env/files/a.txt").write_bytes(b"changed by hand")
    after = shelf.find(ENV, "a.txt")
    assert after
    assert after.etag != before.etag
    assert after.size == 15


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"path": "a.txt", "size": "x"}', "\0"])
def test_broken_info_does_no_harm(shelf: Shelf, tmp_path: Path, text: str) -> None:
    put(shelf, "a.txt", b"x")
    (info,) = (tmp_path / "storage/local-env/info").rglob("*.json")
    info.write_text(text)
    found = shelf.find(ENV, "a.txt")
    assert found
    assert found.size == 1


def test_a_deletion_takes_empty_folders_along(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, "a/b/c.txt", b"")
    put(shelf, "a/d.txt", b"")
    assert shelf.remove(ENV, "a/b/c.txt")
    assert not shelf.remove(ENV, "a/b/c.txt")
    assert not shelf.remove(ENV, "a")
    assert entries(tmp_path / "storage/local-env/files") == ["a/d.txt"]
    assert not (tmp_path / "storage/local-env/files/a/b").exists()


def test_links_are_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, "a.txt", b"x")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    files = tmp_path / "storage/local-env/files"
    (files / "out").symlink_to(outside)
    (files / "secret.txt").symlink_to(outside / "secret.txt")
    for path in ("out/secret.txt", "secret.txt"):
        assert shelf.find(ENV, path) is None
        assert not shelf.remove(ENV, path)
    with pytest.raises(StorageError, match="a link lies on the way"):
        put(shelf, "out/new.txt", b"x")
    put(shelf, "secret.txt", b"mine")
    assert entries(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_text() == "secret"
    assert get(shelf, "secret.txt") == b"mine"


def test_a_pipe_or_folder_is_no_file(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, "a/b.txt", b"x")
    os.mkfifo(tmp_path / "storage/local-env/files/pipe.txt")
    (tmp_path / "storage/local-env/files/folder.d").mkdir()
    for path in ("pipe.txt", "folder.d"):
        assert shelf.find(ENV, path) is None
        assert not shelf.remove(ENV, path)


def test_a_folder_in_the_way_is_told(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "storage/local-env/files/a.txt").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be used"):
        put(shelf, "a.txt", b"x")
    assert not list((tmp_path / "storage/.incoming").iterdir())


def test_a_full_disk_is_told(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(shelf, "a.txt", b"old")
    incoming = shelf.receive()

    class Full:
        def write(self, data: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None:
            pass

    incoming._file.close()
    monkeypatch.setattr(incoming, "_file", Full())
    with pytest.raises(StorageError, match="disk with the state folder is full") as caught:
        incoming.write(b"x")
    assert caught.value.code == "STORAGE_REQUEST_FAIL"
    incoming.drop()
    assert get(shelf, "a.txt") == b"old"
    assert not list((tmp_path / "storage/.incoming").iterdir())


def test_a_state_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("")
    with pytest.raises(StorageError, match="cannot be used"):
        Shelf(tmp_path / "storage", clock=FakeClock()).receive()


def test_leftovers_of_a_day_ago_are_removed(shelf: Shelf, tmp_path: Path) -> None:
    incoming = tmp_path / "storage/.incoming"
    incoming.mkdir(parents=True)
    (incoming / "old").write_text("")
    (incoming / "new").write_text("")
    os.utime(incoming / "old", (0, time.time() - 2 * shelf_module._LEFTOVER))
    assert shelf.find(ENV, "a.txt") is None
    assert entries(incoming) == ["new"]


def test_writers_at_once_leave_one_whole_file(shelf: Shelf) -> None:
    contents = [bytes([number]) * (1000 + number) for number in range(8)]
    barrier = threading.Barrier(len(contents))

    def write(content: bytes) -> None:
        barrier.wait()
        for _ in range(20):
            put(shelf, "a/a.bin", content)
            shelf.remove(ENV, "a/b.bin")

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content, found = get(shelf, "a/a.bin"), shelf.find(ENV, "a/a.bin")
    assert content in contents
    assert found
    assert found.etag == hashlib.md5(content, usedforsecurity=False).hexdigest()

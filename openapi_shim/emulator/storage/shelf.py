"""Files on disk: written whole or not at all, replaced under the eyes of their readers.

A file's content lies under ``<env>/files`` by its name, what else is known of it under
``<env>/info`` by the hash of its path. A file that somebody put there by hand has no info and
is served with what its name and the disk tell.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import mimetypes
import os
import secrets
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from openapi_shim.emulator.storage.disk_names import place_of
from openapi_shim.emulator.storage.file_id import ENV, check_path
from openapi_shim.errors import StorageError
from openapi_shim.wechat.ids import Clock

DEFAULT_TYPE = "application/octet-stream"
_LEFTOVER = 86_400  # seconds after which what a killed emulator was receiving is removed
# A link is not followed, and a pipe is not waited for.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class StoredFile:
    """What is known of a file.

    Attributes:
        size: in bytes.
        etag: the content's MD5 in hexadecimal, or, when somebody put the file there by hand,
            something else that changes with the content.
        content_type: its media type.
        created: when it was uploaded, in seconds since 1970.
        modified_ns: the disk's time of its content, in nanoseconds since 1970.
    """

    size: int
    etag: str
    content_type: str
    created: float
    modified_ns: int


_STORED = TypeAdapter(StoredFile)


class Shelf:
    """The files of all environments.

    Args:
        root: their folder; made when the first one comes.
        clock: seconds since 1970.
    """

    def __init__(self, root: Path, *, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._lock = threading.Lock()
        self._folds_case: bool | None = None

    def find(self, env: str, path: str) -> StoredFile | None:
        """What is known of *path*, or None when there is no such file."""
        opened = self.open(env, path)
        if opened is None:
            return None
        opened[0].close()
        return opened[1]

    def open(self, env: str, path: str) -> tuple[BinaryIO, StoredFile] | None:
        """*path* to read from, or None; later uploads and deletions do not touch the reader."""
        place = self._place(env, path)
        if place is None:
            return None
        try:
            descriptor = os.open(place, _READ)
        except OSError:
            return None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return None
        return os.fdopen(descriptor, "rb"), self._info(env, path, status)

    def receive(self) -> Incoming:
        """A file on its way in.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the disk is full or the folder cannot be used.
        """
        with _disk_errors():
            return Incoming(self._incoming() / secrets.token_hex(16), self)

    def remove(self, env: str, path: str) -> bool:
        """Delete *path*, and folders that are empty then; False when there is no such file.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the disk does not let it.
        """
        with self._lock, _disk_errors():
            place = self._place(env, path)
            if place is None or not stat.S_ISREG(_mode(place)):
                return False
            place.unlink()
            self._info_place(env, path).unlink(missing_ok=True)
            for folder in place.parents:
                if folder.parent == self._root:
                    break
                try:
                    folder.rmdir()
                except OSError:
                    break
        return True

    def stored(self) -> list[tuple[str, str]]:
        """Environment and path of every file, in order.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the folder cannot be read.
        """
        with _disk_errors():
            if not self._root.is_dir():
                return []
            envs = [item.name for item in self._root.iterdir() if ENV.fullmatch(item.name)]
            found = [(env, path) for env in envs for path in self._paths(env)]
        return sorted(item for item in found if self.find(*item) is not None)

    def exchange(self, fresh: Path) -> Path:
        """Put the files of another shelf, whose root is *fresh*, in place of all that are here.

        Args:
            fresh: a folder on the same disk; it is empty then.

        Returns:
            a folder with all that were here, for who wants to exchange them again or to remove
            them.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the disk does not let it; nothing is changed.
        """
        with self._lock, _disk_errors():
            self._root.mkdir(parents=True, exist_ok=True)
            old = self._root / f".old-{secrets.token_hex(8)}"
            old.mkdir()
            moved: list[tuple[Path, Path]] = []
            try:
                for source, target in ((self._root, old), (fresh, self._root)):
                    for folder in list(source.iterdir()):
                        if ENV.fullmatch(folder.name):
                            folder.rename(target / folder.name)
                            moved.append((folder, target / folder.name))
            except OSError:
                for origin, now in reversed(moved):
                    now.rename(origin)
                old.rmdir()
                raise
        return old

    def _paths(self, env: str) -> set[str]:
        """Paths that lie in *env*, or may: as their info tells, or their names on the disk."""
        found = set()
        for info in (self._root / env / "info").glob("*/*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found.add(str(json.loads(info.read_bytes())["path"]))
        files = self._root / env / "files"
        for place in files.rglob("*"):
            path = unquote(place.relative_to(files).as_posix().removesuffix("%"))
            with contextlib.suppress(StorageError):
                check_path(path)
                if self._place(env, path) == place:
                    found.add(path)
        return found

    def put(
        self,
        draft: Path,
        env: str,
        path: str,
        *,
        content_type: str,
        md5: str,
        created: float | None = None,
    ) -> StoredFile:
        """Move *draft*, a whole file, to *path*: the end of ``Incoming.keep``.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the disk is full or does not let it.
        """
        status = draft.stat()
        stored = StoredFile(
            size=status.st_size,
            etag=md5,
            content_type=content_type or _type_by_name(path),
            created=self._clock() if created is None else created,
            modified_ns=status.st_mtime_ns,
        )
        text = json.dumps({"path": path, **asdict(stored)}, ensure_ascii=False)
        info_draft = draft.with_name(f"{draft.name}.json")
        with self._lock, _disk_errors():
            place = self._place(env, path)
            if place is None:
                raise StorageError(
                    "STORAGE_REQUEST_FAIL", f"a link lies on the way to {path!r} in {self._root}"
                )
            info = self._info_place(env, path)
            try:
                info_draft.write_text(text, "utf-8")
                info.parent.mkdir(parents=True, exist_ok=True)
                place.parent.mkdir(parents=True, exist_ok=True)
                # Readers between the two find info that does not fit, and do without.
                info_draft.replace(info)
                draft.replace(place)
            finally:
                info_draft.unlink(missing_ok=True)
        return stored

    def _place(self, env: str, path: str) -> Path | None:
        """Where *path* lies or would lie; None when a link leads elsewhere on the way."""
        if self._folds_case is None:
            self._folds_case = self._prepare()
        relative = Path(env, "files", place_of(path, folds_case=self._folds_case))
        expected = self._root.resolve() / relative.parent
        return self._root / relative if expected.resolve() == expected else None

    def _prepare(self) -> bool:
        """Make the folder, remove leftovers, and tell whether the disk takes A for a."""
        with _disk_errors():
            incoming = self._incoming()
            for leftover in incoming.iterdir():
                with contextlib.suppress(OSError):
                    if time.time() - leftover.lstat().st_mtime > _LEFTOVER:
                        leftover.unlink()
            probe = incoming / f"{secrets.token_hex(16)}-case"
            probe.touch()
            try:
                return probe.with_name(probe.name.upper()).exists()
            finally:
                probe.unlink()

    def _incoming(self) -> Path:
        folder = self._root / ".incoming"  # no name of an environment begins with a dot
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _info_place(self, env: str, path: str) -> Path:
        name = hashlib.sha256(path.encode()).hexdigest()
        return self._root / env / "info" / name[:2] / f"{name}.json"

    def _info(self, env: str, path: str, status: os.stat_result) -> StoredFile:
        size, modified = status.st_size, status.st_mtime_ns
        with contextlib.suppress(OSError, ValidationError):
            stored = _STORED.validate_json(self._info_place(env, path).read_bytes())
            if (stored.size, stored.modified_ns) == (size, modified):
                return stored
        etag = f"{modified:x}-{size:x}"
        return StoredFile(size, etag, _type_by_name(path), modified / 1e9, modified)


class Incoming:
    """A file on its way in: written to, then kept or dropped. Not for two threads at once."""

    def __init__(self, draft: Path, shelf: Shelf) -> None:
        self._draft = draft
        self._shelf = shelf
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._file = draft.open("xb")
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append *data*.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the disk is full or broken.
        """
        with _disk_errors():
            self._file.write(data)
        self._md5.update(data)
        self.size += len(data)

    def keep(
        self, env: str, path: str, content_type: str, *, created: float | None = None
    ) -> StoredFile:
        """End the file and put it at *path*, in place of what was there.

        Args:
            env: its environment.
            path: of the file to be.
            content_type: its media type.
            created: when it was uploaded, in seconds since 1970; now by default.

        Raises:
            StorageError: STORAGE_REQUEST_FAIL, the disk is full or does not let it.
        """
        with _disk_errors():
            self._file.close()
        md5 = self._md5.hexdigest()
        return self._shelf.put(
            self._draft, env, path, content_type=content_type, md5=md5, created=created
        )

    def drop(self) -> None:
        """Leave nothing behind; after ``keep`` this does nothing."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    """What the disk says, as an error of storage."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            reason = "the disk with the state folder is full"
        else:
            reason = f"the state folder cannot be used: {error}"
        raise StorageError("STORAGE_REQUEST_FAIL", reason) from error


def _mode(place: Path) -> int:
    try:
        return place.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _type_by_name(path: str) -> str:
    return mimetypes.guess_type(f"x/{path}", strict=False)[0] or DEFAULT_TYPE

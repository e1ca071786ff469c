"""The archive: a zip with ``state.json`` and the stored files. What is read is not trusted."""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from openapi_shim.emulator.state.manifest import FILES, Manifest, manifest_in
from openapi_shim.errors import StateError

STATE = "state.json"
WHOLE = 1024 * 1024 * 1024
"""Bytes an archive may have, packed as well as unpacked."""

_STATE_LIMIT = 64 * 1024 * 1024  # bytes of state.json
_INDEX_LIMIT = 16 * 1024 * 1024  # bytes of the zip's own list, which is read into memory
_END = struct.Struct("<4s4H2LH")  # "end of central directory", the last bytes of a zip
_ZIP64 = b"PK\x06\x07"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Archive:
    """An archive that is read.

    Attributes:
        manifest: its state.json.
    """

    def __init__(self, zipped: zipfile.ZipFile, file_limit: int) -> None:
        self._zipped = zipped
        members = _members(zipped)
        if STATE not in members:
            raise StateError(f"the archive has no {STATE}; `openapi-shim state export` writes one")
        _check_size(members[STATE], _STATE_LIMIT)
        self.manifest: Manifest = manifest_in(zipped.read(members[STATE]))
        wanted = [file.member for file in self.manifest.files]
        unknown = members.keys() - {STATE, *wanted}
        if unknown:
            raise StateError(
                f"the archive has {min(unknown)[:80]!r}, which {STATE} does not tell of"
            )
        missing = [name for name in wanted if name not in members]
        if missing or len(set(wanted)) != len(wanted):
            name = missing[0] if missing else "a file twice"
            raise StateError(f"{STATE} tells of {name[:80]!r}, which the archive does not have")
        for name in wanted:
            _check_size(members[name], file_limit)
        if sum(info.file_size for info in members.values()) > WHOLE:
            raise StateError(f"the archive has more than {WHOLE} bytes when it is unpacked")

    def copy(self, member: str, target: IO[bytes]) -> None:
        """Write the content of *member* to *target*: never more than it declares.

        Raises:
            StateError: it is broken.
        """
        try:
            with self._zipped.open(member) as source:
                shutil.copyfileobj(source, target, 256 * 1024)
        except _BROKEN as error:
            raise StateError(f"{member[:80]!r} in the archive is broken: {error}") from error


@contextmanager
def opened(path: Path, *, file_limit: int) -> Iterator[Archive]:
    """The archive at *path*, all that can be said of it without unpacking it checked.

    Raises:
        StateError: it cannot be read, or must not be used; the text says why.
    """
    try:
        _check_index(path)
        zipped = zipfile.ZipFile(path)
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror or error}") from error
    except _BROKEN as error:
        raise StateError(f"{path} is no archive of the state: {error}") from error
    with zipped:
        try:
            archive = Archive(zipped, file_limit)
        except _BROKEN as error:
            raise StateError(f"{path} is broken: {error}") from error
        yield archive


def _check_index(path: Path) -> None:
    """See that the list of members is small, before it is read."""
    size = path.stat().st_size
    if size > WHOLE:
        raise StateError(f"{path} has {size} bytes; an archive of the state has at most {WHOLE}")
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size - 20))
        tail = file.read()
    if len(tail) < _END.size:
        raise StateError(f"{path} is no archive of the state: it is no zip")
    signature, *_, count, index, _, comment = _END.unpack(tail[-_END.size :])
    if signature != b"PK\x05\x06" or comment or tail[-_END.size - 20 :][:4] == _ZIP64:
        raise StateError(f"{path} is no archive of the state: it does not end as its zips do")
    if count > 2 * FILES or index > _INDEX_LIMIT:
        raise StateError(f"{path} has too many members: {count}, in a list of {index} bytes")


def _members(zipped: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by name, folders left out."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in zipped.infolist():
        if info.is_dir():
            continue
        name = info.filename
        mode = info.external_attr >> 16
        if name in found:
            raise StateError(f"the archive has {name[:80]!r} twice")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise StateError(f"{name[:80]!r} in the archive is a link or no plain file")
        if info.flag_bits & 1:
            raise StateError(f"{name[:80]!r} in the archive is encrypted")
        if info.compress_type not in _METHODS:
            raise StateError(f"{name[:80]!r} in the archive is packed in an unknown way")
        found[name] = info
    return found


def _check_size(info: zipfile.ZipInfo, limit: int) -> None:
    if info.file_size > limit:
        raise StateError(
            f"{info.filename[:80]!r} in the archive has {info.file_size} bytes; {limit} are allowed"
        )

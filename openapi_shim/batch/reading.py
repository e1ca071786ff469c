"""One photo of a folder to its outcome, in the process that has the recognizer."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import Protocol

from openapi_shim.batch.results import Failure, Outcome
from openapi_shim.errors import ImageError, LicenseNotFoundError
from openapi_shim.ocr import Reading

_LARGEST = 256 * 1024 * 1024
"""Bytes; the largest picture that is read has fewer, even uncompressed."""


class Recognizer(Protocol):
    """Reads a driving licence and tells how sure it is."""

    def load(self) -> None:
        """Load the weights."""

    def read(self, data: bytes, /) -> Reading:
        """Read one photo.

        Raises:
            ImageError: not an image, broken, or beyond the bounds.
            LicenseNotFoundError: no main page of a driving licence is in it.
        """


@dataclass(frozen=True)
class Photo:
    """The bytes of a file, and the facts by which a later change is noticed."""

    content: bytes = field(repr=False)
    size: int
    changed: int

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Read:
    """An outcome, and the facts of the file it was read from; None when none was."""

    outcome: Outcome
    size: int | None = None
    changed: int | None = None


def open_photo(path: str) -> Photo:
    """The bytes of the file at *path*, whose last part is no symbolic link.

    Raises:
        OSError: it cannot be read.
        ImageError: it is no file, or has more bytes than any photo.
    """
    # Without blocking: what was a photo when it was listed may be a pipe by now.
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        facts = os.fstat(number)
        if not stat.S_ISREG(facts.st_mode):
            raise ImageError("This is not a file.")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ImageError(f"The file has more than {_LARGEST >> 20} MB: no photo has.")
    return Photo(content, facts.st_size, facts.st_mtime_ns)


def read_photo(recognizer: Recognizer, root: str, path: str) -> Read:
    """What the photo at *path* below *root* says; a failure is an outcome too."""
    try:
        photo = open_photo(f"{root}/{path}")
    except OSError as error:
        why = f"the file cannot be read: {error.strerror or error}. Mend that and submit again."
        return Read(Outcome(path, failure=Failure.UNREADABLE, reason=why))
    except ImageError as error:
        return Read(Outcome(path, failure=Failure.NOT_AN_IMAGE, reason=str(error)))
    return Read(_outcome(recognizer, path, photo), photo.size, photo.changed)


def _outcome(recognizer: Recognizer, path: str, photo: Photo) -> Outcome:
    try:
        reading = recognizer.read(photo.content)
    except ImageError as error:
        return Outcome(path, photo.sha256, failure=Failure.NOT_AN_IMAGE, reason=str(error))
    except LicenseNotFoundError as error:
        return Outcome(path, photo.sha256, failure=Failure.NO_LICENCE, reason=str(error))
    confidence = {name: round(item.confidence, 4) for name, item in reading}
    return Outcome(path, photo.sha256, reading.values(), confidence)

"""A list of photos with what is true of them: one JSON object a line, as specimens write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openapi_shim.errors import ConfigError
from openapi_shim.ocr.reading import FIELD_NAMES

TRUTH = "truth.jsonl"
"""What the list is called beside its photos."""


@dataclass(frozen=True)
class TruePhoto:
    """A photo and the fields that are known of it.

    Attributes:
        file: where the photo is.
        truth: values by name, as WeChat would answer them; perhaps not of all eleven fields.
    """

    file: Path
    truth: dict[str, str] = field(repr=False)


def read_truth(path: Path, folder: Path) -> list[TruePhoto]:
    """The photos of a list, each in ``folder``.

    Raises:
        ConfigError: the list or a photo is missing, or a line cannot be used; the text tells
            which and why, and holds no value of the list.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise ConfigError(
            f'there is no {path}: name the list with --truth; each line is {{"file": "1.jpg", '
            '"truth": {"id_num": "…", …}}'
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. It must be UTF-8 text.") from error
    photos = list(_photos(path, lines, folder))
    if not photos:
        raise ConfigError(f"{path} names no photo: it needs one JSON object a line")
    return photos


def _photos(path: Path, lines: list[str], folder: Path) -> Iterator[TruePhoto]:
    seen: dict[Path, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            photo = _photo(line, folder)
        except ValueError as error:
            raise ConfigError(f"{path} line {number}: {error}") from error
        if photo.file in seen:
            raise ConfigError(
                f"{path} line {number}: {photo.file.name} has a line already, {seen[photo.file]}"
            )
        seen[photo.file] = number
        yield photo


def _photo(line: str, folder: Path) -> TruePhoto:
    try:
        told: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at column {error.colno}") from error
    name, truth = (told.get(key) if isinstance(told, dict) else None for key in ("file", "truth"))
    if not (isinstance(name, str) and name):
        raise ValueError('has no "file": write {"file": "1.jpg", "truth": {…}}')
    if not (isinstance(truth, dict) and truth):
        raise ValueError('has no "truth": write {"file": "1.jpg", "truth": {"id_num": "…", …}}')
    unknown = [name for name in truth if name not in FIELD_NAMES]
    if unknown:
        raise ValueError(f"unknown field {unknown[0]!r}: fields are {', '.join(FIELD_NAMES)}")
    wrong = [name for name, value in truth.items() if not isinstance(value, str)]
    if wrong:
        raise ValueError(f"{wrong[0]} is no text: put it in quotation marks")
    file = folder / name
    if not file.is_file():
        raise ValueError(f"there is no photo {file}")
    return TruePhoto(file, truth)

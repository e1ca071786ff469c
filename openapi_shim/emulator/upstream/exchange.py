"""One exchange as a recording has it: a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from openapi_shim.errors import ConfigError
from openapi_shim.protocol.strict_json import parse

FORMAT = 1
"""Of the lines; a reader of another one refuses them."""

_LINE_LIMIT = 64 * 1024 * 1024  # characters; a recorded answer has 10 MB at most


@dataclass(frozen=True)
class Part:
    """A field of a form: its value's form, or the digest of a file.

    Attributes:
        name: of the field.
        filename: its form and extension; None for a plain field.
        type: the content type it names; may be empty.
        bytes: its size.
        sha256: of a file's bytes, or of a long field's; else empty.
        value: of a short plain field, in form alone.
    """

    name: str
    filename: str | None = None
    type: str = ""
    bytes: int = 0
    sha256: str = ""
    value: str = ""


@dataclass(frozen=True)
class Body:
    """What a request carried.

    Attributes:
        kind: ``none``, ``multipart``, ``form``, ``json`` or ``other``.
        bytes: its size.
        parts: of a form.
        document: a JSON value in form alone.
        sha256: of a body that is none of these.
        problem: why a multipart body could not be read.
    """

    kind: str = "none"
    bytes: int = 0
    parts: list[Part] = field(default_factory=list)
    document: Any = None
    sha256: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Question:
    """What was asked; nobody's data is in it.

    Attributes:
        operation: of the catalog; empty where the path is none of it.
        method: of HTTP.
        path: as it came, pieces that are no names in form alone.
        query: parameters in form alone.
        img_url_sha256: digest of that parameter; empty where there is none.
        headers: those that matter, in form alone where they may hold data.
        body: what was carried.
    """

    operation: str
    method: str
    path: str
    query: list[tuple[str, str]]
    img_url_sha256: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=Body)


@dataclass(frozen=True)
class Recorded:
    """What was answered.

    Attributes:
        status: of HTTP.
        content_type: as it came.
        bytes: size of the body as it came.
        document: the body, a JSON value, or None where it is none.
        text: the body where it is no JSON.
        raw: the values are as they came, not in form alone.
    """

    status: int
    content_type: str
    bytes: int
    document: Any = None
    text: str = ""
    raw: bool = False

    @property
    def errcode(self) -> object:
        """WeChat's errcode; 0 where there is none."""
        return self.document.get("errcode", 0) if isinstance(self.document, Mapping) else 0


@dataclass(frozen=True)
class Exchange:
    """A question and its answer.

    Attributes:
        time: when it was asked, ISO 8601 in UTC.
        milliseconds: until the whole answer was there.
        question: what was asked.
        answer: what was answered.
        format: of the line.
    """

    time: str
    milliseconds: int
    question: Question
    answer: Recorded
    format: int = FORMAT

    def line(self) -> bytes:
        """As one line of a recording, with its end."""
        text = json.dumps(asdict(self), ensure_ascii=False, separators=(", ", ": "))
        return text.encode("utf-8", "replace") + b"\n"


_EXCHANGE = TypeAdapter(Exchange)


def read_recording(path: Path) -> list[Exchange]:
    """All exchanges of a recording, in order.

    Raises:
        ConfigError: it cannot be read, or a line of it is none; the text says which.
    """
    return list(_exchanges(path))


def _exchanges(path: Path) -> Iterator[Exchange]:
    try:
        with path.open(encoding="utf-8") as file:
            number = 0
            while line := file.readline(_LINE_LIMIT):
                number += 1
                if line.strip():
                    yield _exchange(path, number, line)
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no recording {path}: make one with OPENAPI_SHIM_UPSTREAM=record, or name "
            "another by OPENAPI_SHIM_RECORDING"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no recording: it is not UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error


def _exchange(path: Path, number: int, line: str) -> Exchange:
    try:
        value = parse(line)
        if isinstance(value, dict) and value.get("format") != FORMAT:
            raise ConfigError(
                f"{path}, line {number}: its format is {str(value.get('format'))[:20]}, and this "
                f"version reads {FORMAT}: record it anew"
            )
        return _EXCHANGE.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigError(f"{path}, line {number}: {where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path}, line {number}: not JSON ({error}); was the recording cut off? Delete the line"
        ) from error

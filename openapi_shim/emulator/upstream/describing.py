"""From a request and an answer to what a recording says of them.

Digests are taken of files and of image addresses alone: of a short value, as a document's number,
anybody could find the value to a digest by trying.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from openapi_shim.catalog.operations import operation_at
from openapi_shim.emulator.multipart import MultipartError, read_multipart
from openapi_shim.emulator.upstream.exchange import Body, Part, Question, Recorded
from openapi_shim.emulator.upstream.redaction import (
    hide_secrets,
    redact_filename,
    redact_json,
    redact_name,
    redact_path,
    redact_text,
)
from openapi_shim.protocol.strict_json import parse

_SHORT = 256  # bytes of a plain field, whose form is kept; a longer one has a digest
_MOST_FIELDS = 200
_IMAGE_URL = "img_url"
_HEADERS = ("Content-Type", "User-Agent")
_SHOWN = 200  # characters of a header
_TYPE = re.compile(
    r"[A-Za-z]{1,20}/[A-Za-z.+-]{1,60}(?![\w%])|[A-Za-z_-]{1,30}/\d{1,3}(?:\.\d{1,3}){0,3}(?!\w)"
)


@dataclass(frozen=True)
class Asked:
    """A request as it came: *path* without the query, *query* undecoded."""

    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Answered:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """As the header has it; empty where there is none."""
        return self.headers.get("Content-Type", "")


async def describe_question(asked: Asked) -> Question:
    """What is recorded of a request, and what is compared when it is replayed."""
    operation = operation_at(asked.path)
    pairs = pairs_of(asked.query)
    image_url = next((value for name, value in pairs if name == _IMAGE_URL and value), "")
    headers = {name: asked.headers[name] for name in _HEADERS if asked.headers.get(name)}
    return Question(
        operation=operation.name if operation else "",
        method=asked.method,
        path=redact_path(asked.path),
        query=[(redact_name(name), redact_text(value)) for name, value in pairs],
        img_url_sha256=_digest(image_url.encode("utf-8", "replace")) if image_url else "",
        headers={name: _type(value) for name, value in headers.items()},
        body=await _body(asked),
    )


def describe_answer(answered: Answered, *, raw: bool) -> Recorded:
    """What is recorded of an answer.

    Args:
        answered: as it came.
        raw: its values are to stay readable; secrets stay hidden even so.
    """
    kept: dict[str, Any]
    try:
        document = parse(answered.body)
        kept = {"document": hide_secrets(document) if raw else redact_json(document)}
    except (ValueError, RecursionError):
        text = answered.body.decode("utf-8", "replace")
        kept = {"text": text if raw else redact_text(text)}
    content_type = _media_header(answered.content_type)
    return Recorded(answered.status, content_type, len(answered.body), raw=raw, **kept)


def pairs_of(query: str) -> list[tuple[str, str]]:
    """The parameters of an undecoded query, in order."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return [("too_many_parameters", "")]


async def _body(asked: Asked) -> Body:
    raw = asked.body
    if not raw:
        return Body()
    content_type = asked.headers.get("Content-Type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        try:
            found = await read_multipart(raw, content_type)
        except MultipartError as error:
            problem = redact_text(str(error))
            return Body("multipart", len(raw), problem=problem, sha256=_digest(raw))
        parts = [_part(p.name, p.content, p.filename, p.content_type) for p in found]
        return Body("multipart", len(raw), parts)
    document = _json(raw)
    if document is not None:
        return Body("json", len(raw), document=document)
    if media_type == "application/x-www-form-urlencoded":
        pairs = pairs_of(raw.decode("utf-8", "replace"))
        parts = [_part(name, value.encode("utf-8", "replace")) for name, value in pairs]
        return Body("form", len(raw), parts)
    return Body("other", len(raw), sha256=_digest(raw) if len(raw) >= _SHORT else "")


def _part(name: str, content: bytes, filename: str | None = None, kind: str = "") -> Part:
    long = filename is not None or len(content) >= _SHORT
    return Part(
        name=redact_name(name),
        filename=None if filename is None else redact_filename(filename),
        type=_type(kind),
        bytes=len(content),
        sha256=_digest(content) if long else "",
        value="" if long else redact_text(content.decode("utf-8", "replace")),
    )


def _json(raw: bytes) -> Any:
    """A JSON object or list in form alone, None for anything else."""
    if raw.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return redact_json(parse(raw))
    except (ValueError, RecursionError):
        return None


def _type(value: str) -> str:
    """A client's header that names a type or a program: the name alone, not what follows it."""
    found = _TYPE.match(value)
    return found[0] if found else redact_text(value[:_SHOWN])


def _media_header(value: str) -> str:
    """WeChat's Content-Type as it came, in one line."""
    return "".join(char if char.isprintable() else "?" for char in value[:_SHOWN])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def body_of(recorded: Recorded) -> bytes:
    """A recorded answer's body, as it is sent again."""
    if recorded.document is None and recorded.text:
        return recorded.text.encode()
    text = json.dumps(recorded.document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")

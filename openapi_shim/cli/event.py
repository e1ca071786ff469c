"""The event of ``openapi-shim invoke``: from a photo, from text, or from a file."""

from __future__ import annotations

import base64
import json
import mimetypes
from pathlib import Path

import typer

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def event_from(image: Path | None, data: str | None, file: Path | None) -> str:
    """The event as JSON text; ``{}`` when nothing is given.

    Raises:
        typer.BadParameter: more than one is given, or the one cannot be used.
    """
    given = [
        flag
        for flag, value in (("--image", image), ("--data", data), ("--event", file))
        if value is not None
    ]
    if len(given) > 1:
        raise typer.BadParameter(f"{' and '.join(given)} exclude each other: give one of them")
    if image is not None:
        return json.dumps({"img": image_value(image, _read(image, "--image"))})
    if file is not None:
        return _checked(_decoded(_read(file, "--event"), file), str(file), "--event")
    return _checked(data, "--data", "--data") if data is not None else "{}"


def image_value(path: Path, content: bytes) -> dict[str, str]:
    """A photo as the SDK takes it: ``{"contentType", "value": <base64>}``."""
    by_content = [kind for magic, kind in _MAGIC if content.startswith(magic)]
    by_name, _ = mimetypes.guess_type(path.name)
    kind = by_content[0] if by_content else by_name or "image/jpeg"
    return {"contentType": kind, "value": base64.b64encode(content).decode("ascii")}


def _read(path: Path, flag: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}", param_hint=flag) from error


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(
            f"{path} is not UTF-8 (byte {error.start})", param_hint="--event"
        ) from error


def _checked(text: str, what: str, flag: str) -> str:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(
            f"{what} is not JSON: {error.msg}, line {error.lineno}, column {error.colno}",
            param_hint=flag,
        ) from error
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{what} is JSON, but not an object such as {{}}", param_hint=flag)
    return text

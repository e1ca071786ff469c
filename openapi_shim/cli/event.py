"""The event of ``openapi-shim invoke``: from a photo, from text, or from a file."""

from __future__ import annotations

import base64
import json
import mimetypes
from pathlib import Path

import typer

from openapi_shim.cli.mistakes import complain, megabytes, read_at_most
from openapi_shim.errors import ConfigError

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
        ConfigError: it is too large.
    """
    given = [
        flag
        for flag, value in (("--image", image), ("--data", data), ("--event", file))
        if value is not None
    ]
    if len(given) > 1:
        raise typer.BadParameter(f"{' and '.join(given)} exclude each other: give one of them")
    if image is not None:
        return _with_photo(image)
    if file is not None:
        return _checked(_decoded(_read_event(file), file), str(file), "--event")
    return _checked(data, "--data", "--data") if data is not None else "{}"


def image_value(path: Path, content: bytes) -> dict[str, str]:
    """A photo as the SDK takes it: ``{"contentType", "value": <base64>}``."""
    by_content = [kind for magic, kind in _MAGIC if content.startswith(magic)]
    by_name, _ = mimetypes.guess_type(path.name)
    kind = by_content[0] if by_content else by_name or "image/jpeg"
    return {"contentType": kind, "value": base64.b64encode(content).decode("ascii")}


def _with_photo(path: Path) -> str:
    """The event with the photo in it; one that WeChat would not take is told on stderr.

    Raises:
        ConfigError: the event cannot carry it.
    """
    from openapi_shim.emulator.bodies import EVENT_LIMIT  # --help stays fast
    from openapi_shim.wechat.ocr import IMAGE_LIMIT  # likewise

    content, size = _read(path, "--image", EVENT_LIMIT)
    event = json.dumps({"img": image_value(path, content)}) if size <= EVENT_LIMIT else ""
    if size <= IMAGE_LIMIT:
        return event
    advice = (
        f"{path} has {megabytes(size)}; WeChat takes under {megabytes(IMAGE_LIMIT)}: save it "
        "smaller, e.g. with a longest side of 2000 pixels"
    )
    if not event or len(event) > EVENT_LIMIT:
        raise ConfigError(f"{advice}, as an event carries {megabytes(EVENT_LIMIT)} in base64")
    complain(advice)
    return event


def _read_event(path: Path) -> bytes:
    from openapi_shim.emulator.bodies import EVENT_LIMIT  # --help stays fast

    content, size = _read(path, "--event", EVENT_LIMIT)
    if size > EVENT_LIMIT:
        raise ConfigError(
            f"--event {path} has {megabytes(size)}: an event has {megabytes(EVENT_LIMIT)} at most"
        )
    return content


def _read(path: Path, flag: str, limit: int) -> tuple[bytes, int]:
    try:
        return read_at_most(path, limit)
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

"""Mistakes of the user: one form in which they are told, and the checks several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from openapi_shim.errors import ConfigError

HOW_TO_INSTALL = (
    "install the extra: pip install '.[all]' in a checkout of openapi_shim (Python 3.11 or newer)"
)


def complain(message: str) -> None:
    """One line on stderr, as every command's errors have it."""
    sys.stderr.write(f"openapi-shim: {message}\n")


def emulator_url(text: str) -> str:
    """*text* as a URL of an emulator, without a slash at its end.

    Raises:
        ConfigError: it is none; the text shows what one looks like.
    """
    try:
        parts = urlsplit(text)
        server = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = server and not (parts.path.strip("/") or parts.query or parts.fragment)
    except ValueError:  # a port that is no number, a bracket that is not closed
        usable = False
    if not usable or any(char.isspace() for char in text):
        raise ConfigError(f"--url {text!r} is no URL of an emulator, as http://127.0.0.1:8420")
    return text.rstrip("/")


def read_at_most(path: Path, limit: int) -> tuple[bytes, int]:
    """The first bytes of a file, *limit* of them and one more at most, and its whole size.

    The size of what has none, as a device, is that of the bytes read.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(limit + 1)
    return content, max(len(content), path.stat().st_size)


def megabytes(size: int) -> str:
    """*size* bytes for people, e.g. ``7.0 MB``."""
    return f"{size / (1024 * 1024):.1f} MB"

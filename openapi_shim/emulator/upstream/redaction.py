"""The form of a text without what it says: nothing else of a call reaches a recording.

Digits become ``0``, Latin letters ``x`` and ``X``, all other letters ``某``; punctuation, spaces
and lengths stay. So a date, a plate or an address can still be told from another kind of value,
and nobody's from somebody else's.

What stays readable is a closed set of words, each true of millions of people or of nobody:
``男``, ``女``, ``中国``, ``长期``, the sides and kinds of pictures. Vehicle classes are not among
them: most are common, some are so rare that they point at few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from openapi_shim.catalog.wechat_codes import WECHAT_CODES
from openapi_shim.wechat.calls import TOKEN_PARAMETERS

HARMLESS = frozenset({"", "ok", "男", "女", "中国", "长期", "photo", "scan", "Front", "Back"})
"""Values that stay as they are."""

SECRET_PARAMETERS = frozenset(
    {
        *TOKEN_PARAMETERS,
        "component_access_token",
        "appid",
        "secret",
        "component_appid",
        "component_appsecret",
    }
)
"""Who calls: never part of what is compared, and hidden even where answers stay readable."""

_SECRET = re.compile(
    r"token|secret|appid|app_id|openid|unionid|session|ticket|signature|password|key$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,63}")
_MEMBER = re.compile(r"[A-Za-z_][A-Za-z_]{0,60}[0-9]{0,2}")
_SCHEME = re.compile(r"https?://")
_WORD = re.compile(r"[a-z][a-z'_-]*[,.:;!?]?")
_KEPT_NUMBERS = frozenset({"errcode", "errCode", "expires_in"})
_MESSAGES = frozenset({"errmsg", "errMsg"})
_DEPTH = 100  # levels of a document; no answer of WeChat has ten


def redact_text(text: str) -> str:
    """*text* in form and length alone; a URL keeps its scheme."""
    if text in HARMLESS:
        return text
    scheme = _SCHEME.match(text)
    begin = scheme.end() if scheme else 0
    return text[:begin] + "".join(_sign(char) for char in text[begin:])


def redact_name(name: str) -> str:
    """The name of a field or parameter: as it is where it looks like one, else its form.

    Members end in two digits at most, which no number of a person or document fits into.
    """
    return name if _MEMBER.fullmatch(name) else redact_text(name)


def redact_path(path: str) -> str:
    """The path of a URL: pieces without a digit are WeChat's own names."""
    pieces = path.split("/")
    return "/".join(
        piece if not piece or _NAME.fullmatch(piece) else redact_text(piece) for piece in pieces
    )


def redact_filename(name: str) -> str:
    """The name of a file: its form, but for an extension."""
    stem, dot, extension = name.rpartition(".")
    if dot and re.fullmatch(r"(?i)jpe?g|png|gif|bmp|webp|heic|pdf|bin", extension):
        return f"{redact_text(stem)}.{extension}"
    return redact_text(name)


def redact_message(text: str) -> str:
    """An ``errmsg``: WeChat's own words stay, ids and all that is not plain English does not."""
    known = next(
        (
            entry.text
            for entry in WECHAT_CODES.values()
            if text.startswith(entry.text) and text[len(entry.text) :][:1] in ("", " ", ",")
        ),
        "",
    )
    rest = re.split(r"(\s+)", text[len(known) :])
    return known + "".join(
        piece if piece.isspace() or _WORD.fullmatch(piece) else redact_text(piece) for piece in rest
    )


def redact_json(value: Any, *, depth: int = 0) -> Any:
    """A JSON value in form alone: its members' names, order, types and lengths stay.

    Raises:
        RecursionError: it is nested too deep.
    """
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, Mapping):
        return {redact_name(name): _member(name, item, depth + 1) for name, item in value.items()}
    return [redact_json(item, depth=depth + 1) for item in value]


def hide_secrets(value: Any) -> Any:
    """A JSON value as it is, but for members that are secrets by their names."""
    if isinstance(value, Mapping):
        return {
            name: redact_json(item) if _SECRET.search(name) else hide_secrets(item)
            for name, item in value.items()
        }
    return [hide_secrets(item) for item in value] if isinstance(value, list) else value


def _member(name: str, value: Any, depth: int) -> Any:
    if name in _MESSAGES and isinstance(value, str):
        return redact_message(value)
    if name in _KEPT_NUMBERS and isinstance(value, int):
        return value
    if name in _KEPT_NUMBERS and isinstance(value, str) and re.fullmatch(r"-?\d{1,7}", value):
        return value  # that it is a text is just what a recording is to tell
    return redact_json(value, depth=depth)


def _number(value: Any) -> Any:
    """A number of as many digits; 0 stays."""
    if isinstance(value, float):
        return 0.5 if value else value
    sign = -1 if value < 0 else 1
    return sign * 10 ** min(len(f"{abs(value):d}") - 1, 100) if value else 0


def _sign(char: str) -> str:
    if char.isascii():
        if char.isdigit():
            return "0"
        if char.isalpha():
            return "X" if char.isupper() else "x"
        return char if char.isprintable() else "?"
    kind = unicodedata.category(char)
    if kind[0] == "N":
        return "0"
    if kind[0] in "LM":
        return "某"
    return char if kind[0] in "PZ" else "?"

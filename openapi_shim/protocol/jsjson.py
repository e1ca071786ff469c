"""JSON as JavaScript writes it: the wire carries, and the signature covers, its exact text.

Two dialects: ``JSON.stringify``, and that of the library by which ``wx-server-sdk`` encodes
the parameters of open API calls, which escapes more characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

Rename = Callable[[str], str]

_LONE = re.compile("[\ud800-\udfff]")
_ESCAPED_TOO = re.compile(
    "[\x7f-\x9f\u00ad\u0600-\u0604\u070f\u17b4\u17b5\u200c-\u200f\u2028-\u202f"
    "\u2060-\u206f\ufeff\ufff0-\uffff]"
)
_INDEX = re.compile(r"0|[1-9]\d{0,9}")
_LAST_INDEX = 2**32 - 2


class NotJSONError(ValueError):
    """A value that has no JSON form; the text says which and where."""


class CycleError(NotJSONError):
    """A value that contains itself."""


def stringify(value: Any, *, rename: Rename | None = None, wide_escapes: bool = False) -> str:
    """*value* as JSON text, as JavaScript would write its counterpart.

    Numbers look as in JavaScript (``1.0`` is ``1``; NaN is ``null``; an int keeps all its
    digits), a datetime is its instant in UTC with milliseconds, bytes have the form of a Node
    Buffer, and keys that are array indexes come first, as in a JavaScript object.

    Args:
        value: dicts, lists, tuples, strings, numbers, None, datetimes, bytes.
        rename: applied to the keys of all mappings; see ``object_items``.
        wide_escapes: the dialect for the parameters of open API calls.

    Raises:
        NotJSONError: it holds something else; ``CycleError`` if that is itself.
    """
    try:
        return _Writer(rename, wide_escapes=wide_escapes).text(value, "")
    except RecursionError as error:
        raise NotJSONError("nested too deep for JSON") from error


def object_items(value: Mapping[Any, Any], rename: Rename | None = None) -> dict[str, Any]:
    """The members of *value* in the order of the JavaScript object with the same ones.

    A renamed key takes the place of one that has the new name already, and goes to the end
    else.
    """
    members = {key if isinstance(key, str) else _key_text(key): value[key] for key in value}
    if any(_is_index(key) for key in members):
        first = sorted((key for key in members if _is_index(key)), key=int)
        members = {key: members[key] for key in dict.fromkeys([*first, *members])}
    for key in list(members) if rename else ():
        new = rename(key) if rename else key
        if new != key:
            members[new] = members.pop(key)
    return members


def number_text(value: float) -> str:
    """*value* as ``String(value)`` gives it; ``null`` for what is not finite."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  (NaN)
        return "null"
    if value == 0:
        return "0"
    sign, raw, exponent = Decimal(float.__repr__(value)).as_tuple()
    digits = "".join(map(str, raw)).rstrip("0")
    point = len(raw) + int(exponent)  # places before the decimal point
    if len(digits) <= point <= 21:
        text = digits.ljust(point, "0")
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        tail = f".{digits[1:]}" if digits[1:] else ""
        text = f"{digits[0]}{tail}e{point - 1:+d}"
    return "-" * sign + text


def date_text(value: datetime) -> str:
    """*value* as ``toISOString`` gives it; a naive one is local time, as in Python."""
    try:
        instant = value.astimezone(timezone.utc)
    except (OverflowError, OSError) as error:
        raise NotJSONError(f"a date at the edge of time: {value!r}") from error
    text = instant.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text + "Z"


def utf8(text: str) -> bytes:
    """*text* in UTF-8, as Node encodes it: a lone surrogate is the replacement character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE.sub("\ufffd", _paired(text)).encode()


class _Writer:
    def __init__(self, rename: Rename | None, *, wide_escapes: bool) -> None:
        self._rename = rename
        self._wide = wide_escapes
        self._open: set[int] = set()

    def text(self, value: Any, path: str) -> str:
        if isinstance(value, str):
            return self._string(value)
        plain = _plain_text(value)
        if plain is not None:
            return plain
        if isinstance(value, datetime):
            return f'"{date_text(value)}"'
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f'{{"type":"Buffer","data":[{",".join(map(str, bytes(value)))}]}}'
        if isinstance(value, (Mapping, list, tuple)):
            return self._container(value, path)
        raise NotJSONError(f"{path or 'the value'} has no JSON form: {type(value).__name__}")

    def _container(self, value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], path: str) -> str:
        if id(value) in self._open:
            raise CycleError(f"{path} contains itself")
        self._open.add(id(value))
        try:
            if isinstance(value, Mapping):
                members = (
                    f"{self._string(key)}:{self.text(item, f'{path}.{key}')}"
                    for key, item in object_items(value, self._rename).items()
                )
                return f"{{{','.join(members)}}}"
            items = (self.text(item, f"{path}[{index}]") for index, item in enumerate(value))
            return f"[{','.join(items)}]"
        finally:
            self._open.discard(id(value))

    def _string(self, value: str) -> str:
        text = json.dumps(_paired(value), ensure_ascii=False)
        if text.isascii() and not (self._wide and "\x7f" in text):
            return text
        return (_ESCAPED_TOO if self._wide else _LONE).sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _is_index(key: str) -> bool:
    return bool(_INDEX.fullmatch(key)) and key.isascii() and int(key) <= _LAST_INDEX


def _plain_text(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return number_text(value)
    return None


def _key_text(key: Any) -> str:
    """A key that is no string, as JavaScript and Python's json both write it."""
    text = _plain_text(key)
    if text is None:
        raise NotJSONError(f"a key of an object is a string, not {type(key).__name__}")
    return text


def _paired(text: str) -> str:
    """*text* with every two surrogates that make one character joined into it."""
    if _LONE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

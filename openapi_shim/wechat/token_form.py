"""The form of an access token, and what is odd about a text that has not got it.

WeChat asks clients to keep room for 512 characters and says nothing of the alphabet; all that was
seen are letters, digits, ``_`` and ``-``.
"""

from __future__ import annotations

import re

from openapi_shim.wechat.ids import TOKEN_LENGTH

_LONGEST = 512
_ODD = re.compile(r"[^A-Za-z0-9_-]")
_QUOTES = ("'", '"', "‘", "’", "“", "”", "`")
# What stands there when a variable was not set, or an example was taken as it is.
_NOTHING = frozenset({"undefined", "null", "none", "nan", "false", "true", "nil"})
_EXAMPLES = frozenset({"access_token", "token", "accesstoken", "your_access_token"})


def why_no_token(text: str) -> str:
    """Why *text* cannot be an access token of this emulator, or an empty string.

    Nothing of the text is in the answer but single characters: it may be a token after all.
    """
    return (
        _why_no_value(text)
        or _why_changed(text)
        or _why_odd_character(text)
        or _why_wrong_length(len(text))
    )


def _why_no_value(text: str) -> str:
    word = text.strip().lower()
    if word in _NOTHING:
        return f"it is the word {word!r}: the variable was not set when the URL was made"
    if word.strip("{}$<>[]") in _EXAMPLES:
        return "it is the placeholder of an example: put the token in its place"
    if word.startswith("[object"):
        return "it is an object that was made text: take its access_token"
    if word.startswith("{") and "access_token" in word:
        return "it is the whole JSON answer of the token endpoint: take its access_token alone"
    if word.startswith("bearer "):
        return "it begins with 'Bearer': in the query the token stands alone"
    return ""


def _why_changed(text: str) -> str:
    """What happened to it on its way."""
    if text.startswith(_QUOTES) or text.endswith(_QUOTES):
        return "it stands in quotes: send it without"
    if text != text.strip():
        return "it has white space around it: strip it, as after reading it from a file"
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        return "it still has percent-encoding in it: it was URL-encoded twice, encode it once"
    return ""


def _why_odd_character(text: str) -> str:
    odd = _ODD.search(text)
    if odd is None:
        return ""
    char = odd[0]
    if char.isspace():
        return "it has white space in it: in a query, + means a space too"
    if char in "…*":
        return f"it was shortened for people, by {char!r}: take it from the answer, not from a log"
    shown = repr(char) if char.isascii() else f"{char!r} (U+{ord(char):04X})"
    return f"it has {shown} in it; tokens have letters, digits, _ and - alone"


def _why_wrong_length(length: int) -> str:
    if length > _LONGEST:
        return f"it has {length} characters; a token has at most {_LONGEST}"
    if length < TOKEN_LENGTH:
        return (
            f"it has {length} characters, and those given out here have {TOKEN_LENGTH}: it was cut "
            f"off, as in a column that is too short (keep room for {_LONGEST}), or never was one"
        )
    return ""

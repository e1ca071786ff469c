"""Where on disk a file of cloud storage lies.

Names stay as they are where that is safe everywhere; what is not is percent-encoded. No two
paths share a place, and none leads out of the folder:

* a folder's name has its dots encoded (``v1.0`` is ``v1%2E0``), and a file's name without a
  dot gets a ``%`` at its end (``README%``): so the file ``a`` and the folder ``a`` can both be;
* a name that a normalising file system would change has all beyond ASCII encoded;
* a name too long keeps its beginning and ends with ``%~`` and a hash;
* where the file system takes ``A`` for ``a``, letters with two cases are encoded but for a to z.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

_UNSAFE = frozenset('<>:"|?*\\%/\x7f') | {chr(code) for code in range(0x20)}
_NAME_LIMIT = 200  # bytes; file systems take 255
_KEPT = 60  # characters of a name too long
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)  # on Windows


def place_of(path: str, *, folds_case: bool) -> PurePosixPath:
    """The place of *path*, relative to the folder of all files.

    Args:
        path: one that ``check_path`` lets through.
        folds_case: whether the file system takes ``A`` and ``a`` for the same.
    """
    *folders, file = path.split("/")
    names = [_safe(name, folds_case=folds_case).replace(".", "%2E") for name in folders]
    return PurePosixPath(
        *map(_bounded, names), _marked(_bounded(_safe(file, folds_case=folds_case)))
    )


def _safe(name: str, *, folds_case: bool) -> str:
    stable = unicodedata.is_normalized("NFC", name) and unicodedata.is_normalized("NFD", name)
    encoded = [
        _encoded(char)
        if char in _UNSAFE
        or (not stable and not char.isascii())
        or (folds_case and _has_cases(char) and not "a" <= char <= "z")
        else char
        for char in name
    ]
    if name[0] == "." or _RESERVED.match(name):
        encoded[0] = _encoded(name[0])
    if name[-1] in ". ":
        encoded[-1] = _encoded(name[-1])
    return "".join(encoded)


def _bounded(name: str) -> str:
    data = name.encode()
    if len(data) <= _NAME_LIMIT:
        return name
    return f"{name[:_KEPT]}%~{hashlib.sha256(data).hexdigest()[:40]}"


def _marked(name: str) -> str:
    return name if "." in name else f"{name}%"


def _has_cases(char: str) -> bool:
    return not char == char.lower() == char.upper() == char.casefold()


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())

"""camelCase to snake_case and back, exactly as wx-server-sdk does it.

Keys only, never values; ASCII letters only. The rules and their odd corners were seen on
the unmodified SDK: ``imgURL`` becomes ``img_u_r_l``, ``k_1`` stays ``k_1``, and of two keys
that become one, the camelCase one wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_UPPER = re.compile(r"[A-Z]")
_UNDERSCORE_LOWER = re.compile(r"_[a-z]")


def camel_to_snake(key: str) -> str:
    """``imgUrl`` → ``img_url``. Every ASCII capital gets a ``_`` before it but at the start."""
    return _UPPER.sub(
        lambda m: ("_" if m.start() else "") + m.group().lower(),
        key,
    )


def snake_to_camel(key: str) -> str:
    """``id_num`` → ``idNum``. Only ``_`` before an ASCII lower-case letter is touched."""
    return _UNDERSCORE_LOWER.sub(lambda m: m.group()[1].upper(), key)


def convert_keys(value: Any, rename: Callable[[str], str]) -> Any:
    """A copy of *value* with the keys of all its mappings renamed, at any depth.

    Mappings and lists (tuples too) are walked; everything else is kept as it is. A renamed
    key goes to the end of its mapping, and takes the place of one that had the new name.
    """
    if isinstance(value, Mapping):
        result = {key: convert_keys(item, rename) for key, item in value.items()}
        for key in list(result):
            new = rename(key) if isinstance(key, str) else key
            if new != key:
                item = result.pop(key)
                result.pop(new, None)
                result[new] = item
        return result
    if isinstance(value, (list, tuple)):
        return [convert_keys(item, rename) for item in value]
    return value

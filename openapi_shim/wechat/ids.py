"""Random names in WeChat's shapes: access tokens, request ids, hints."""

from __future__ import annotations

import hashlib
import hmac
import random
import string
import time
from collections.abc import Callable
from typing import Protocol

Clock = Callable[[], float]
"""Wall-clock time in seconds since 1970 (UTC), as ``time.time``."""

_ALPHANUMERIC = string.ascii_letters + string.digits
TOKEN_LENGTH = 136
"""Characters of a token; WeChat asks clients to keep room for 512."""


class Ids(Protocol):
    """Where services take random names from."""

    def token(self) -> str:
        """A new access token."""
        ...

    def rid(self) -> str:
        """A new request id, ``<8 hex>-<8 hex>-<8 hex>``."""
        ...

    def hint(self) -> str:
        """A new hint: 14 letters and digits."""
        ...

    def request_id(self) -> str:
        """A new id of an invocation, a UUID."""
        ...


class RandomIds:
    """Names from a random source; a seeded one gives the same names again.

    Args:
        clock: a rid starts with the time, as WeChat's do.
        source: random numbers; the system's by default, so that tokens cannot be guessed.
    """

    def __init__(self, clock: Clock = time.time, source: random.Random | None = None) -> None:
        self._clock = clock
        self._random = source or random.SystemRandom()
        self._quick = source or random.Random()  # noqa: S311 - for ids that open nothing

    def token(self) -> str:
        """A new access token: a two-digit number, ``_``, letters and digits."""
        prefix = f"{self._random.randrange(10, 100)}_"
        return prefix + self._letters(TOKEN_LENGTH - len(prefix))

    def rid(self) -> str:
        """A new request id: the time, then two random numbers, in hexadecimal."""
        number = self._random.getrandbits(64)
        return f"{int(self._clock()) & 0xFFFFFFFF:08x}-{number >> 32:08x}-{number & 0xFFFFFFFF:08x}"

    def hint(self) -> str:
        """A new hint: 14 letters and digits."""
        return self._letters(14)

    def request_id(self) -> str:
        """A new UUID, made by hand: ``uuid`` takes four times as long, on every call."""
        digits = f"{self._quick.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )

    def _letters(self, count: int) -> str:
        return "".join(self._random.choices(_ALPHANUMERIC, k=count))


def token_from_seed(seed: str, key: str) -> str:
    """The access token that *seed* stands for, to be had again only with the same *key*."""
    secret = hmac.digest(key.encode(), seed.encode(), "sha256")
    numbers = hashlib.shake_256(secret).digest(8 * TOKEN_LENGTH)
    words = [int.from_bytes(numbers[at : at + 8], "big") for at in range(0, len(numbers), 8)]
    letters = "".join(_ALPHANUMERIC[word % len(_ALPHANUMERIC)] for word in words)
    return f"{10 + words[0] % 90}_{letters[3:]}"

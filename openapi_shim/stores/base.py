"""The seam: what any store can do, each operation atomic across processes and hosts.

Everything shared is built from these: a token with one refresh at a time, a daily quota, an
answer kept for a call that comes twice, a lease.
"""

from __future__ import annotations

import math
from typing import Protocol

from openapi_shim.errors import StoreError

# The same for all stores, so that what works with one works with the others. DynamoDB's own
# bounds are 2048 bytes of key and 400 KB of item.
MAX_KEY = 1024  # bytes of UTF-8
MAX_VALUE = 256 * 1024  # bytes of UTF-8


class Store(Protocol):
    """Short strings and counts under short keys, each with an end.

    Ends are seconds since 1970 by the callers' clock. What has ended is never answered, whether
    or not the store has removed it yet (DynamoDB may take days).

    Strings and counts are apart: one key may name one of each.

    All raise ``StoreError`` when the store cannot be reached in time, and for a key or a value
    beyond ``MAX_KEY`` or ``MAX_VALUE``. After a time-out it is open whether the operation took
    place.
    """

    async def get(self, key: str) -> str | None:
        """The value under *key*, or None."""

    async def put(self, key: str, value: str, *, expires: float) -> None:
        """Keep *value* under *key*, whatever was there."""

    async def add(self, key: str, value: str, *, expires: float) -> str | None:
        """Keep *value* unless one is there.

        Returns:
            the one that is there, or None when *value* was kept.
        """

    async def swap(self, key: str, old: str, new: str | None, *, expires: float) -> bool:
        """Put *new* in place of *old*, or remove it for None; False when *old* is not there."""

    async def take(self, key: str, *, limit: int, expires: float) -> int:
        """Add one to the count under *key* if that is under *limit*.

        A count ends at the *expires* of the taking that began it; later ones do not prolong it.

        Returns:
            the new count, or 0 when the limit was reached and nothing was added.
        """

    async def give_back(self, key: str) -> None:
        """Take one from the count under *key*, never below nothing."""

    async def count(self, key: str) -> int:
        """The count under *key*; 0 when there is none."""

    async def close(self) -> None:
        """Let go of connections and files; the next operation opens them again."""


def check_key(key: str) -> None:
    """Raise ``StoreError`` for a key that no store takes."""
    if not key or _size(key, "key") > MAX_KEY:
        raise StoreError(f"A key of the store has 1 to {MAX_KEY} bytes; shorten or hash it")


def check_value(value: str, expires: float) -> None:
    """Raise ``StoreError`` for a value or an end that no store takes."""
    if _size(value, "value") > MAX_VALUE:
        raise StoreError(f"A value in the store may have {MAX_VALUE} bytes; keep a reference to it")
    check_end(expires)


def check_end(expires: float) -> None:
    """Raise ``StoreError`` for an end that is no moment."""
    if not math.isfinite(expires):
        raise StoreError(f"What is kept needs an end in seconds since 1970, not {expires}")


def _size(text: str, what: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:  # a lone surrogate; the text stays out of the message
        raise StoreError(f"A {what} of the store must be text that UTF-8 can hold") from error

"""The seam: what any store can do, each operation atomic across processes and hosts.

Everything shared is built from these: a token with one refresh at a time, a daily quota, an
answer kept for a call that comes twice, a lease.
"""

from __future__ import annotations

from typing import Protocol


class Store(Protocol):
    """Short strings under short keys, each with an end.

    Ends are seconds since 1970 by the callers' clock. What has ended is never answered, whether
    or not the store has removed it yet (DynamoDB takes hours).

    All raise ``StoreError`` when the store cannot be reached in time.
    """

    async def get(self, key: str) -> str | None:
        """The value under *key*, or None."""

    async def put(self, key: str, value: str, *, expires: float) -> None:
        """Keep *value* under *key*, whatever was there."""

    async def add(self, key: str, value: str, *, expires: float) -> str | None:
        """Keep *value* unless one is there; the one that is there, or None when *value* was kept."""

    async def swap(self, key: str, old: str, new: str | None, *, expires: float) -> bool:
        """Put *new* in place of *old*, or remove it for None; False when *old* is not there."""

    async def take(self, key: str, *, limit: int, expires: float) -> int:
        """Add one to the count under *key* if that is under *limit*.

        Returns:
            the new count, or 0 when the limit was reached and nothing was added.
        """

    async def give_back(self, key: str) -> None:
        """Take one from the count under *key*, never below nothing."""

    async def count(self, key: str) -> int:
        """The count under *key*; 0 when there is none."""

    async def close(self) -> None:
        """Let go of connections and files."""

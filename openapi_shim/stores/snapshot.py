"""Part of a store as data: what is under the keys that begin alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openapi_shim.errors import StoreError
from openapi_shim.stores.base import check_end, check_key, check_value


@dataclass(frozen=True)
class Snapshot:
    """What a store holds.

    Attributes:
        kept: key, value and end of each string.
        counts: key, count and end of each count.
    """

    kept: tuple[tuple[str, str, float], ...] = ()
    counts: tuple[tuple[str, int, float], ...] = ()

    def check(self, prefix: str) -> None:
        """See that a store can hold it, and that all its keys begin with *prefix*.

        Raises:
            StoreError: it cannot; the text says which key.
        """
        for key, value, expires in self.kept:
            check_value(value, expires)
            check_key(key)
        for key, count, expires in self.counts:
            check_key(key)
            check_end(expires)
            if not 0 <= count < 2**62:
                raise StoreError(f"The count of {key[:100]!r} is {count}, and must not be")
        for keys in (
            [key for key, _, _ in self.kept],
            [key for key, _, _ in self.counts],
        ):
            _check_keys(keys, prefix)


def _check_keys(keys: Iterable[str], prefix: str) -> None:
    seen: set[str] = set()
    for key in keys:
        if not key.startswith(prefix):
            raise StoreError(f"The key {key[:100]!r} does not begin with {prefix!r}")
        if key in seen:
            raise StoreError(f"The key {key[:100]!r} is there twice")
        seen.add(key)

"""Seeded chance: one independent stream of random numbers per purpose.

Every part of a specimen draws from its own stream, so that another background does not
change the person, and a new kind of noise does not change the card.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The stream of random numbers of one purpose (``"person"``, ``"camera"``) for a seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """One of the items, each as likely."""
    return items[int(rng.integers(len(items)))]


def weighted(rng: np.random.Generator, items: Sequence[tuple[T, float]]) -> T:
    """One of the items, as likely as its weight says."""
    weights = np.cumsum([weight for _, weight in items])
    place = int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))
    return items[min(place, len(items) - 1)][0]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with this probability."""
    return bool(rng.random() < probability)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number from ``low`` to ``high``, evenly."""
    return float(rng.uniform(low, high))


def whole(rng: np.random.Generator, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    return int(rng.integers(low, high + 1))

"""How well photos were read, counted field by field. Nothing here prints a licence's data."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from openapi_shim.ocr import FIELD_NAMES, Field, Reading

BINS = (0.0, 0.7, 0.9, 0.95, 1.0)
"""Edges of the confidences that are counted together."""


@dataclass(frozen=True)
class Miss:
    """A value that was not exact.

    Attributes:
        file: the photo.
        name: of the field.
        wanted: what is true.
        found: what was read.
        off: how many characters must be changed, added or taken away.
    """

    file: Path
    name: str
    wanted: str = field(repr=False)
    found: Field = field(repr=False)
    off: int = 0

    @property
    def kind(self) -> str:
        """``empty``, ``invented`` (where there is nothing to read) or ``wrong``."""
        if not self.found.value:
            return "empty"
        return "wrong" if self.wanted else "invented"


@dataclass
class Scores:
    """What was counted so far.

    Attributes:
        photos: how many were tried.
        refused: photos that gave no reading, with the reason.
        told: per field, how many photos' truth names it.
        exact: per field, how many values were exact.
        whole: photos whose eleven fields were all exact.
        wholes: photos whose truth names all eleven.
        misses: values that were not exact.
        milliseconds: one per photo that was read or refused.
        sure: pairs of a value's confidence and whether it was exact, without empty values.
    """

    photos: int = 0
    refused: list[tuple[Path, str]] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELD_NAMES, 0))
    exact: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELD_NAMES, 0))
    whole: int = 0
    wholes: int = 0
    misses: list[Miss] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    sure: list[tuple[float, bool]] = field(default_factory=list)

    def add(
        self, file: Path, truth: dict[str, str], reading: Reading | str, milliseconds: float
    ) -> None:
        """Counts one photo; a text in place of the reading says why there is none."""
        self.photos += 1
        self.milliseconds.append(milliseconds)
        if isinstance(reading, str):
            self.refused.append((file, reading))
        hits = []
        for name, wanted in truth.items():
            found = Field() if isinstance(reading, str) else reading.fields[name]
            hit = found.value == wanted
            hits.append(hit)
            self.told[name] += 1
            self.exact[name] += hit
            if found.value:
                self.sure.append((found.confidence, hit))
            if not hit and not isinstance(reading, str):
                off = distance(wanted, found.value)
                self.misses.append(Miss(file, name, wanted, found, off))
        if len(truth) == len(FIELD_NAMES):
            self.wholes += 1
            self.whole += all(hits)

    def summary(self) -> dict[str, Any]:
        """Counts and shares, without any value of a licence."""
        return {
            "photos": self.photos,
            "refused": len(self.refused),
            "fields": {
                name: {"photos": self.told[name], "exact": self.exact[name]}
                for name in FIELD_NAMES
                if self.told[name]
            },
            "fields_exact_percent": share(sum(self.exact.values()), sum(self.told.values())),
            "all_eleven": {"photos": self.wholes, "exact": self.whole},
            "confidence": [
                {"from": low, "to": high, "values": values, "exact": exact}
                for low, high, values, exact in self.calibration()
            ],
            "milliseconds": {"median": self.percentile(50), "p95": self.percentile(95)},
        }

    def calibration(self) -> list[tuple[float, float, int, int]]:
        """Per bin of confidence: its edges, how many values it has, and how many are exact."""
        rows = []
        for low, high in pairwise(BINS):
            hits = [hit for sure, hit in self.sure if low <= sure < high or sure == high == 1]
            rows.append((low, high, len(hits), sum(hits)))
        return rows

    def percentile(self, percent: int) -> float:
        """Of the milliseconds a photo took."""
        if len(self.milliseconds) < 2:
            return round(self.milliseconds[0], 1) if self.milliseconds else 0.0
        cuts = statistics.quantiles(self.milliseconds, n=100, method="inclusive")
        return round(cuts[percent - 1], 1)


def share(part: int, whole: int) -> float:
    """In per cent, to a tenth; 0 of nothing is 0."""
    return round(100 * part / whole, 1) if whole else 0.0


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """How many characters must be changed, added or taken away (Levenshtein)."""
    row = list(range(len(other) + 1))
    for index, left in enumerate(one, 1):
        before, row[0] = row[0], index
        for place, right in enumerate(other, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (left != right)),
            )
    return row[-1]

"""Accuracy and latency of the recognizer beside plain rapidocr and tesseract, on the same photos.

    python -m bench.accuracy [--count 110] [--seed 1] [--ordinary] [--json] [--write-docs]
                             [--sheet FILE.png]

Each reader runs in a process of its own with the same number of threads, and they take turns on
each photo, so that whatever else the machine does falls on all of them. Tesseract's time is that of
its own process, from its start to its end. After each reading of ours comes its floor.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.docs import RECOGNITION, write_between
from bench.readers import OURS, PLAIN, TESSERACT, Answer, Worker, present_readers
from bench.sheet import Miss, draw_sheet
from bench.stages import stage_shares
from bench.tables import GRADES, as_markdown
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.specimens import ROTATIONS, make_specimen

GROUPS = (*GRADES, "all upright", "all turned", "all")
_SHARES = {"clean": 3, "normal": 4, "hard": 4, "extreme": 4}
_SURE = 0.9  # a confidence that a caller may rely on
_WARM_UP = 2


@dataclass(frozen=True)
class Photo:
    """One specimen of the set."""

    grade: str
    rotation: int
    image: bytes = field(repr=False)
    truth: dict[str, str] = field(repr=False)


@dataclass
class Tally:
    """One reader's results on the photos of one grade (or of all).

    Attributes:
        right: per field, how many values were exact.
        whole: photos with all eleven exact.
        invented: values that were neither exact nor empty.
        milliseconds: one per photo.
        photos: how many.
        sure: values with a confidence of 0.9 or more.
        sure_right: those of them that were exact.
        floors: of the photos that have one: milliseconds, and those of the floor.
    """

    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELD_NAMES, 0))
    whole: int = 0
    invented: int = 0
    milliseconds: list[float] = field(default_factory=list)
    photos: int = 0
    sure: int = 0
    sure_right: int = 0
    floors: list[tuple[float, float]] = field(default_factory=list)

    def add(self, truth: dict[str, str], answer: Answer, taken: float, floor: float | None) -> None:
        """Counts one photo; ``taken`` and ``floor`` are milliseconds."""
        values, confidences = answer
        exact = {name: values.get(name, "") == truth[name] for name in FIELD_NAMES}
        for name, hit in exact.items():
            self.right[name] += hit
            self.invented += not hit and bool(values.get(name))
            self.sure += confidences.get(name, 0) >= _SURE
            self.sure_right += hit and confidences.get(name, 0) >= _SURE
        self.whole += all(exact.values())
        self.milliseconds.append(taken)
        self.photos += 1
        if floor is not None:
            self.floors.append((taken, floor))

    def summary(self) -> dict[str, Any]:
        """Percentages and milliseconds."""
        ordered = sorted(self.milliseconds)
        return {
            "photos": self.photos,
            "fields_exact": 100 * sum(self.right.values()) / (len(FIELD_NAMES) * self.photos),
            "all_exact": 100 * self.whole / self.photos,
            "wrong_not_empty": self.invented,
            "sure": self.sure,
            "sure_exact": 100 * self.sure_right / max(1, self.sure),
            "exact_sure": 100 * self.sure_right / max(1, sum(self.right.values())),
            "median_ms": statistics.median(ordered),
            "p95_ms": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
            "by_field": {name: 100 * hits / self.photos for name, hits in self.right.items()},
            "above_floor": self._above_floor(),
        }

    def _above_floor(self) -> dict[str, float] | None:
        """Medians of the photos in which the reader found a value."""
        if not self.floors:
            return None
        return {
            "photos": len(self.floors),
            "median_ms": statistics.median(taken for taken, _ in self.floors),
            "floor_ms": statistics.median(floor for _, floor in self.floors),
        }


def make_set(count: int, seed: int, *, ordinary: bool = False) -> list[Photo]:
    """The fixed set: grades 3 : 4 : 4 : 4, every second one turned, one older layout in three.

    Every second one has another printer's form, outside the ranges that were tuned on. An
    ordinary set has neither: all are upright, as the peers need it, and in the usual forms.
    """
    total = sum(_SHARES.values())
    photos = []
    for grade_index, grade in enumerate(GRADES):
        for index in range(max(1, round(count * _SHARES[grade] / total))):
            specimen = make_specimen(
                seed * 100_000 + grade_index * 10_000 + index,
                grade=grade,
                layout="older" if index % 3 == 2 else "current",
                rotation=0 if index % 2 or ordinary else ROTATIONS[1 + index // 2 % 3],
                shifted=index % 4 > 1 and not ordinary,
            )
            photos.append(Photo(grade, specimen.rotation, specimen.image, specimen.truth))
    return photos


def measure(
    photos: Sequence[Photo], readers: Sequence[str], threads: int, misses: list[Miss]
) -> dict[str, Any]:
    """Runs the readers over the photos in turn; what ours missed is added to ``misses``."""
    workers = {name: Worker(name, threads) for name in readers}
    tallies = {name: {group: Tally() for group in GROUPS} for name in readers}
    for photo in photos[:_WARM_UP]:
        for worker in workers.values():
            worker.read(photo.image)
    for index, photo in enumerate(photos):
        for name in readers if index % 2 else reversed(readers):
            answer, taken = workers[name].read(photo.image)
            floor = workers[name].floor(photo.image)
            wrong = [
                (field_name, truth, answer[0].get(field_name, ""))
                for field_name, truth in photo.truth.items()
                if answer[0].get(field_name, "") != truth
            ]
            if wrong and name == OURS:
                misses.append(Miss(f"{photo.grade} {index}", photo.image, wrong))
            way = "all turned" if photo.rotation else "all upright"
            for group in (photo.grade, way, "all"):
                tallies[name][group].add(photo.truth, answer, taken, floor)
        print(f"\r{index + 1}/{len(photos)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        name: {
            "peak_rss_mb": workers[name].finish(),
            "grades": {
                group: tally.summary()
                for group, tally in tallies[name].items()
                if group == "all" or 0 < tally.photos < len(photos)
            },
        }
        for name in readers
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--count", type=int, default=110, help="photos in all (default 110)")
    parser.add_argument("--seed", type=int, default=1, help="of the set (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="for each reader (default 2)")
    parser.add_argument(
        "--ordinary", action="store_true", help="all upright and in the usual forms, as peers need"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write-docs", action="store_true", help="into docs/recognition.md")
    parser.add_argument("--sheet", type=Path, help="a picture of our errors, to look at")
    options = parser.parse_args(arguments)
    photos = make_set(options.count, options.seed, ordinary=options.ordinary)
    misses: list[Miss] = []
    readers = (OURS, PLAIN) if options.ordinary else present_readers()
    results = measure(photos, readers, options.threads, misses)
    if options.sheet:
        draw_sheet(misses, options.sheet)
    images = [] if options.ordinary else [photo.image for photo in photos]
    stages = stage_shares(images, options.threads) if images else {}
    mixed = (
        "every second one turned by 90, 180 or 270 degrees, every second one with a form outside "
        "the usual ranges"
    )
    words = (
        f"{len(photos)} specimens, seed {options.seed}, "
        f"{'all upright and in the usual forms' if options.ordinary else mixed}, "
        f"{options.threads} threads each, {os.cpu_count()} cores."
    )
    if TESSERACT not in readers and not options.ordinary:
        words += " Tesseract was not installed where this was measured: it is left out."
    table = as_markdown(results, stages, words, brief=options.ordinary)
    if options.json:
        print(json.dumps({"results": results, "stages": stages}, ensure_ascii=False))
    else:
        print(table)
    if options.write_docs:
        write_between(RECOGNITION, "ordinary" if options.ordinary else "bench", table)


if __name__ == "__main__":
    main()

"""Accuracy and latency of the recognizer beside plain rapidocr, on the same photos.

    python -m bench.accuracy [--count 110] [--seed 1] [--json] [--write-docs] [--sheet FILE.png]

Both readers run in a process of their own with the same number of threads and take turns on
each photo, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.sheet import Miss, draw_sheet
from bench.stages import stage_shares
from openapi_shim.errors import RecognitionError
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.specimens import ROTATIONS, make_specimen

GRADES = ("clean", "normal", "hard", "extreme")
GROUPS = (*GRADES, "all upright", "all turned", "all")
_SHARES = {"clean": 3, "normal": 4, "hard": 4, "extreme": 4}
_SURE = 0.9  # a confidence that a caller may rely on

Answer = tuple[dict[str, str], dict[str, float]]
"""Values and confidences by field; a reader that tells no confidence gives none."""
_DOCS = Path(__file__).parent.parent / "docs" / "recognition.md"
_BEGIN, _END = "<!-- bench:begin -->", "<!-- bench:end -->"
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
    """

    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELD_NAMES, 0))
    whole: int = 0
    invented: int = 0
    milliseconds: list[float] = field(default_factory=list)
    photos: int = 0
    sure: int = 0
    sure_right: int = 0

    def add(self, truth: dict[str, str], answer: Answer, taken: float) -> None:
        """Counts one photo."""
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
        }


def make_set(count: int, seed: int) -> list[Photo]:
    """The fixed set: grades 3 : 4 : 4 : 4, every second one turned, one older layout in three.

    Every second one has another printer's form, outside the ranges that were tuned on.
    """
    total = sum(_SHARES.values())
    photos = []
    for grade_index, grade in enumerate(GRADES):
        for index in range(max(1, round(count * _SHARES[grade] / total))):
            specimen = make_specimen(
                seed * 100_000 + grade_index * 10_000 + index,
                grade=grade,
                layout="older" if index % 3 == 2 else "current",
                rotation=0 if index % 2 else ROTATIONS[1 + index // 2 % 3],
                shifted=index % 4 > 1,
            )
            photos.append(Photo(grade, specimen.rotation, specimen.image, specimen.truth))
    return photos


def _ours(threads: int) -> Callable[[bytes], Answer]:
    from openapi_shim.ocr import Recognizer

    recognizer = Recognizer(threads=threads)
    recognizer.load()

    def read(data: bytes) -> Answer:
        try:
            reading = recognizer.read(data)
        except RecognitionError:
            return dict.fromkeys(FIELD_NAMES, ""), {}
        return reading.values(), {name: item.confidence for name, item in reading}

    return read


def _plain(threads: int) -> Callable[[bytes], Answer]:
    from bench.plain import PlainReader

    reader = PlainReader(threads)
    return lambda data: (reader.read(data), {})


_READERS = {"openapi_shim": _ours, "plain rapidocr": _plain}


def _serve(name: str, threads: int, pipe: Connection) -> None:
    import cv2

    cv2.setNumThreads(threads)
    read = _READERS[name](threads)
    pipe.send("ready")
    while (data := pipe.recv()) is not None:
        start = time.perf_counter()
        answer = read(data)
        pipe.send((answer, 1000 * (time.perf_counter() - start)))
    pipe.send(_peak_megabytes())


def _peak_megabytes() -> float:
    """This process' own peak; getrusage's begins with the parent's, which made the photos."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


class _Worker:
    def __init__(self, name: str, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, threads, other), daemon=True)
        self._process.start()
        self._pipe.recv()

    def read(self, data: bytes) -> tuple[Answer, float]:
        self._pipe.send(data)
        answer: tuple[Answer, float] = self._pipe.recv()
        return answer

    def finish(self) -> float:
        """Ends the process; its peak memory in megabytes."""
        self._pipe.send(None)
        peak: float = self._pipe.recv()
        self._process.join()
        return peak


def measure(photos: Sequence[Photo], threads: int, misses: list[Miss]) -> dict[str, Any]:
    """Runs both readers over the photos in turn; what ours missed is added to ``misses``."""
    workers = {name: _Worker(name, threads) for name in _READERS}
    tallies = {name: {grade: Tally() for grade in GROUPS} for name in _READERS}
    for photo in photos[:_WARM_UP]:
        for worker in workers.values():
            worker.read(photo.image)
    for index, photo in enumerate(photos):
        names = list(workers) if index % 2 else list(reversed(workers))
        for name in names:
            answer, taken = workers[name].read(photo.image)
            wrong = [
                (field_name, truth, answer[0].get(field_name, ""))
                for field_name, truth in photo.truth.items()
                if answer[0].get(field_name, "") != truth
            ]
            if wrong and name == "openapi_shim":
                misses.append(Miss(f"{photo.grade} {index}", photo.image, wrong))
            way = "all turned" if photo.rotation else "all upright"
            for grade in (photo.grade, way, "all"):
                tallies[name][grade].add(photo.truth, answer, taken)
        print(f"\r{index + 1}/{len(photos)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        name: {
            "peak_rss_mb": workers[name].finish(),
            "grades": {g: t.summary() for g, t in tallies[name].items() if t.photos},
        }
        for name in _READERS
    }


def as_markdown(results: dict[str, Any], stages: dict[str, float], words: str) -> str:
    """The tables of docs/recognition.md."""
    ours, plain = results["openapi_shim"], results["plain rapidocr"]
    rows = [
        words,
        "",
        "| photos | reader | fields exact % | all eleven exact % | wrong, not empty | "
        "median ms | p95 ms | median ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for grade in ours["grades"]:
        for name, result in results.items():
            s = result["grades"][grade]
            ratio = s["median_ms"] / plain["grades"][grade]["median_ms"]
            rows.append(
                f"| {grade} ({s['photos']}) | {name} | {s['fields_exact']:.1f} | "
                f"{s['all_exact']:.0f} | {s['wrong_not_empty']} | {s['median_ms']:.0f} | "
                f"{s['p95_ms']:.0f} | {ratio:.2f} |"
            )
    grades = [grade for grade in ours["grades"] if grade in GRADES]
    heads = [f"{grade}: {short}" for grade in grades for short in ("ours", "plain")]
    rows += ["", f"| field, exact % | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name in FIELD_NAMES:
        cells = [
            f"{result['grades'][grade]['by_field'][name]:.0f}"
            for grade in grades
            for result in (ours, plain)
        ]
        rows.append(f"| `{name}` | {' | '.join(cells)} |")
    rows += ["", "| confidence 0.9 or more | values | exact % | of all exact values % |"]
    rows.append("|---|---|---|---|")
    for grade in (*grades, "all"):
        s = ours["grades"][grade]
        rows.append(f"| {grade} | {s['sure']} | {s['sure_exact']:.1f} | {s['exact_sure']:.1f} |")
    rows += [
        "",
        f"Peak memory of the process: ours {ours['peak_rss_mb']:.0f} MB, plain "
        f"{plain['peak_rss_mb']:.0f} MB.",
        "",
        "Share of our time: "
        + ", ".join(f"{stage} {100 * share:.0f} %" for stage, share in stages.items())
        + ".",
    ]
    return "\n".join(rows)


def write_docs(table: str) -> None:
    """Replaces what is between the two markers."""
    text = _DOCS.read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN, 1)
    _, after = rest.split(_END, 1)
    _DOCS.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--count", type=int, default=110, help="photos in all (default 110)")
    parser.add_argument("--seed", type=int, default=1, help="of the set (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="for each reader (default 2)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write-docs", action="store_true", help="into docs/recognition.md")
    parser.add_argument("--sheet", type=Path, help="a picture of our errors, to look at")
    options = parser.parse_args(arguments)
    photos = make_set(options.count, options.seed)
    misses: list[Miss] = []
    results = measure(photos, options.threads, misses)
    if options.sheet:
        draw_sheet(misses, options.sheet)
    stages = stage_shares([photo.image for photo in photos], options.threads)
    words = (
        f"{len(photos)} specimens, seed {options.seed}, every second one turned by 90, 180 or "
        "270 degrees, every second one with a form outside the usual ranges, "
        f"{options.threads} threads each, {os.cpu_count()} cores."
    )
    table = as_markdown(results, stages, words)
    if options.json:
        print(json.dumps({"results": results, "stages": stages}, ensure_ascii=False))
    else:
        print(table)
    if options.write_docs:
        write_docs(table)


if __name__ == "__main__":
    main()

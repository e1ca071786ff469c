"""What is no licence and is taken for one, and licences that are refused.

    python -m bench.refusals [--each 50] [--licences 400] [--half report] [--json] [--write-docs]

Every kind of other picture that the generator draws, clean to hard and turned all four ways,
and ordinary licences, clean and normal. The rules were tuned on one half of the seeds; the other
one is reported. Readings go on in a process for each core.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.docs import RECOGNITION, write_between
from openapi_shim.errors import LicenseNotFoundError

GRADES = ("clean", "normal", "hard")
_HALVES = {"tune": 40_000, "report": 600_000}
_LICENCE = "driving licence"
# A word of the reason that each kind must be given; any reason will do for the rest.
REASONS = {
    "identity card": "identity card",
    "identity card's back": "identity card",
    "vehicle licence": "vehicle licence",
    "vehicle licence's second page": "vehicle licence's second page",
    "bank card": "bank card",
    "social security card": "social security card",
    "foreign licence": "another country's",
    "form": "form",
    "driving school's paper": "driving school's",
    "driver's extract": "extract",
    "qualification certificate": "professional driver's",
    "insurance": "insurance",
    "business licence": "business licence",
    "bill": "bill",
    "passport": "passport",
    "second page": "the second page (副页)",
}


@dataclass(frozen=True)
class Case:
    """One picture to make and read."""

    kind: str
    grade: str
    seed: int
    quarters: int


@dataclass(frozen=True)
class Outcome:
    """What came of it: ``reason`` is empty where the picture was read as a licence."""

    case: Case
    reason: str


def cases(each: int, licences: int, half: str) -> Iterator[Case]:
    """The fixed set of a half."""
    from openapi_shim.specimens.others import OTHERS

    begin = _HALVES[half]
    for index in range(each):
        for place, kind in enumerate(OTHERS):
            seed = begin + 100 * index + place
            yield Case(kind, GRADES[index % len(GRADES)], seed, (index + place) % 4)
    for index in range(licences):
        yield Case(_LICENCE, GRADES[index % 2], begin + index, 0)


_recognizer: Any = None


def _prepare() -> None:
    global _recognizer  # noqa: PLW0603  (one recognizer a process)
    import cv2

    from openapi_shim.ocr import Recognizer

    cv2.setNumThreads(1)
    _recognizer = Recognizer(threads=1)
    _recognizer.load()


def _outcome(case: Case) -> Outcome:
    from openapi_shim.specimens import make_specimen
    from openapi_shim.specimens.others import make_other

    if case.kind == _LICENCE:
        image = make_specimen(case.seed, grade=case.grade).image
    else:
        image = make_other(case.seed, case.kind, grade=case.grade, quarters=case.quarters)
    try:
        _recognizer.read(image)
    except LicenseNotFoundError as error:
        return Outcome(case, str(error))
    return Outcome(case, "")


def measure(wanted: Sequence[Case], processes: int) -> list[Outcome]:
    """Makes and reads every case."""
    outcomes = []
    with multiprocessing.get_context("spawn").Pool(processes, _prepare) as pool:
        for outcome in pool.imap_unordered(_outcome, wanted, chunksize=4):
            outcomes.append(outcome)
            wrong = bool(outcome.reason) == (outcome.case.kind == _LICENCE)
            if wrong:
                print(f"\nwrong: {outcome}", file=sys.stderr, flush=True)
            print(f"\r{len(outcomes)}/{len(wanted)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


def as_table(outcomes: Sequence[Outcome]) -> str:
    """The table of docs/recognition.md."""
    pictures: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for outcome in outcomes:
        kind = outcome.case.kind
        pictures[kind] += 1
        accepted[kind] += not outcome.reason
        named[kind] += bool(outcome.reason) and REASONS.get(kind, "") in outcome.reason
    rows = ["| picture of | pictures | taken for a licence | refused by its own name % |"]
    rows.append("|---|---|---|---|")
    others = [kind for kind in pictures if kind != _LICENCE]
    for kind in others:
        name = f"{100 * named[kind] / pictures[kind]:.0f}" if kind in REASONS else "–"
        rows.append(f"| {kind} | {pictures[kind]} | {accepted[kind]} | {name} |")
    total, wrong = sum(pictures[k] for k in others), sum(accepted[k] for k in others)
    if total:
        rows.append(f"| **all** | {total} | {wrong} ({100 * wrong / total:.2f} %) | |")
    if licences := pictures[_LICENCE]:
        refused = licences - accepted[_LICENCE]
        rows += [
            "",
            f"Of {licences} licences, half of them *clean* and half *normal*, {refused} "
            f"({100 * refused / licences:.2f} %) were refused.",
        ]
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.refusals", description=__doc__)
    parser.add_argument("--each", type=int, default=51, help="pictures of each kind (default 51)")
    parser.add_argument("--licences", type=int, default=400, help="licences (default 400)")
    parser.add_argument("--half", choices=list(_HALVES), default="report", help="of the seeds")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="at a time")
    parser.add_argument("--json", action="store_true", help="print outcomes as JSON lines")
    parser.add_argument("--write-docs", action="store_true", help="into docs/recognition.md")
    options = parser.parse_args(arguments)
    wanted = list(cases(options.each, options.licences, options.half))
    outcomes = measure(wanted, options.processes)
    if options.json:
        for outcome in outcomes:
            print(json.dumps({**vars(outcome.case), "reason": outcome.reason}, ensure_ascii=False))
    else:
        print(as_table(outcomes))
    if options.write_docs:
        write_between(RECOGNITION, "refusals", as_table(outcomes))


if __name__ == "__main__":
    main()

"""How often the details of a reading are right: warnings, second pages, electronic licences.

    python -m bench.warnings [--faulty 25] [--licences 400] [--electronic 50] [--half report]
                             [--write-docs]

False alarms are counted on ordinary licences, clean and normal; hits on licences to which one
fault was added. The limits were set on one half of the seeds; the other one is reported.
Some ordinary photos have a lamp's reflection: a warning of glare that is gone when the same photo
is taken without it is neither a false alarm nor a hit.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.docs import RECOGNITION, write_between
from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.specimens.faults import FAULTS

_BEGIN = {"tune": 50_000, "report": 700_000}
_LICENCES = {"tune": 40_000, "report": 600_000}
_LICENCE, _ELECTRONIC = "licence", "electronic"
# Which fault each warning is meant for; the others are natural, and known of every licence.
MEANT_FOR = {
    "copy": ("photocopy",),
    "screen": ("screen", "print"),
    "glare": ("glare",),
    "blur": ("blur",),
    "border_incomplete": ("cut off",),
    "several_cards": ("several",),
}
_OPTICAL = frozenset({"glare", "blur", "screen"})  # a scan has none of these


@dataclass(frozen=True)
class Case:
    """One picture: a licence, one with a fault, or a screenshot."""

    kind: str
    seed: int
    grade: str


@dataclass(frozen=True)
class Outcome:
    """What was read of it.

    Attributes:
        case: which picture.
        read: whether it was not refused.
        wrong: fields that were not exact.
        warnings: names.
        extras: how many further values the picture has.
        extras_wrong: names of those that were not exact.
        second_page: whether the second page is in the picture.
        glaring: whether an ordinary licence has a reflection that is rightly warned of.
    """

    case: Case
    read: bool = False
    wrong: tuple[str, ...] = ()
    warnings: frozenset[str] = frozenset()
    extras: int = 0
    extras_wrong: tuple[str, ...] = ()
    second_page: bool = False
    glaring: bool = False


def cases(faulty: int, licences: int, electronic: int, half: str) -> Iterator[Case]:
    """The fixed set of a half."""
    for index in range(licences):
        yield Case(_LICENCE, _LICENCES[half] + index, ("clean", "normal")[index % 2])
    for index in range(faulty):
        grade = "normal" if index % 3 else "clean"
        for fault in FAULTS:
            usual = "normal" if fault in _OPTICAL else grade
            yield Case(fault, _BEGIN[half] + index, usual)
    for index in range(electronic):
        yield Case(_ELECTRONIC, _BEGIN[half] + index, "")


_recognizer: Any = None


def _prepare() -> None:
    global _recognizer  # noqa: PLW0603  (one recognizer a process)
    import cv2

    from openapi_shim.ocr import Recognizer

    cv2.setNumThreads(1)
    _recognizer = Recognizer(threads=1)
    _recognizer.load()


def _made(case: Case) -> tuple[bytes, dict[str, str], dict[str, str]]:
    """The picture, its eleven fields, and what else it tells."""
    from openapi_shim.specimens import make_specimen
    from openapi_shim.specimens.electronic import make_electronic
    from openapi_shim.specimens.faults import make_faulty

    if case.kind == _ELECTRONIC:
        shot = make_electronic(case.seed, quarters=0 if case.seed % 4 else case.seed // 4 % 4)
        return shot.image, shot.truth, shot.extras
    if case.kind != _LICENCE:
        spoilt = make_faulty(case.seed, case.kind, grade=case.grade)
        return spoilt.image, spoilt.truth, {}
    specimen = make_specimen(case.seed, grade=case.grade)
    return specimen.image, specimen.truth, specimen.second_page


def _outcome(case: Case) -> Outcome:
    image, truth, extras = _made(case)
    try:
        reading = _recognizer.read(image, details=True)
    except LicenseNotFoundError:
        return Outcome(case)
    values, details = reading.values(), reading.details
    found = {name: item.value for name, item in details.extras.items()}
    warnings = frozenset(one.name for one in details.warnings)
    return Outcome(
        case,
        read=True,
        wrong=tuple(name for name in truth if values[name] != truth[name]),
        warnings=warnings,
        extras=len(extras),
        extras_wrong=tuple(name for name in extras if found.get(name) != extras[name]),
        second_page=case.kind == _LICENCE and bool(extras),
        glaring=case.kind == _LICENCE and "glare" in warnings and not _glares_anyhow(case),
    )


def _glares_anyhow(case: Case) -> bool:
    """Whether the same photo gets a warning of glare without the lamp's reflection, too."""
    from openapi_shim.specimens import make_specimen
    from openapi_shim.specimens.grades import GRADES
    from openapi_shim.specimens.licenses import invent_license
    from openapi_shim.specimens.scene import photograph

    like = make_specimen(case.seed, grade=case.grade)
    issued = invent_license(case.seed, like.layout)
    matt = replace(GRADES[case.grade], glare=0.0)
    image = photograph(case.seed, issued, matt, like.rotation // 90)
    try:
        reading = _recognizer.read(image, details=True)
    except LicenseNotFoundError:
        return True
    return "glare" in {one.name for one in reading.details.warnings}


def measure(wanted: Sequence[Case], processes: int) -> list[Outcome]:
    """Makes and reads every case."""
    outcomes = []
    with multiprocessing.get_context("spawn").Pool(processes, _prepare) as pool:
        for outcome in pool.imap_unordered(_outcome, wanted, chunksize=4):
            outcomes.append(outcome)
            print(f"\r{len(outcomes)}/{len(wanted)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


def as_table(outcomes: Sequence[Outcome]) -> str:
    """The tables of docs/recognition.md."""
    by_kind: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_kind.setdefault(outcome.case.kind, []).append(outcome)
    ordinary = [one for one in by_kind.get(_LICENCE, []) if one.read]
    rows = ["| warning | false alarms | hits | fault added |", "|---|---|---|---|"]
    for name, faults in MEANT_FOR.items():
        fair = [one for one in ordinary if not (name == "glare" and one.glaring)]
        alarms = sum(name in one.warnings for one in fair)
        for fault in faults:
            of_fault = by_kind.get(fault, [])
            read = [one for one in of_fault if one.read]
            hits = sum(name in one.warnings for one in read)
            refused = f", {len(of_fault) - len(read)} more refused" if read != of_fault else ""
            rows.append(
                f"| `{name}` | {_of(alarms, fair)} | {_of(hits, read)}{refused} | {fault} |"
            )
    paired = [one for one in ordinary if one.second_page]
    single = [one for one in ordinary if not one.second_page]
    missing = "second_page_missing"
    rows.append(
        f"| `{missing}` | {_of(sum(missing in one.warnings for one in paired), paired)} | "
        f"{_of(sum(missing in one.warnings for one in single), single)} | – |"
    )
    return "\n".join([*rows, "", *_sentences(by_kind, paired)])


def _sentences(by_kind: dict[str, list[Outcome]], paired: Sequence[Outcome]) -> list[str]:
    told = []
    for what, group in (
        (f"second pages in the picture ({len(paired)})", paired),
        (
            f"electronic licences ({len(by_kind.get(_ELECTRONIC, []))})",
            by_kind.get(_ELECTRONIC, []),
        ),
    ):
        values = sum(one.extras for one in group)
        exact = values - sum(len(one.extras_wrong) for one in group)
        if values:
            told.append(f"Values of {what}: {100 * exact / values:.1f} % of {values} exact.")
    screens = [one for one in by_kind.get(_ELECTRONIC, []) if one.read]
    if screens:
        wrong = Counter(name for one in screens for name in one.wrong)
        fields = 11 * len(screens)
        percent = 100 * (fields - wrong.total()) / fields
        told.append(
            f"Fields of electronic licences, the empty ones included: {percent:.1f} % of "
            f"{fields} exact."
        )
    return told


def _of(count: int, group: Sequence[Outcome]) -> str:
    return f"{100 * count / len(group):.1f} % of {len(group)}" if group else "–"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.warnings", description=__doc__)
    parser.add_argument("--faulty", type=int, default=25, help="pictures of each fault")
    parser.add_argument("--licences", type=int, default=400, help="ordinary licences")
    parser.add_argument("--electronic", type=int, default=50, help="screenshots")
    parser.add_argument("--half", choices=list(_BEGIN), default="report", help="of the seeds")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="at a time")
    parser.add_argument("--write-docs", action="store_true", help="into docs/recognition.md")
    options = parser.parse_args(arguments)
    wanted = cases(options.faulty, options.licences, options.electronic, options.half)
    table = as_table(measure(list(wanted), options.processes))
    print(table)
    if options.write_docs:
        write_between(RECOGNITION, "warnings", table)


if __name__ == "__main__":
    main()

"""The tables of docs/recognition.md from what bench/accuracy.py measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.readers import OURS, PLAIN, TESSERACT
from openapi_shim.ocr.reading import FIELD_NAMES

GRADES = ("clean", "normal", "hard", "extreme")
_SHORT = {OURS: "ours", PLAIN: "plain", TESSERACT: "tesseract"}


def as_markdown(
    results: dict[str, Any], stages: dict[str, float], words: str, *, brief: bool = False
) -> str:
    """All tables.

    Args:
        results: a reader's name → its peak memory and its summaries by group of photos.
        stages: shares of our time.
        words: what was measured, in a sentence or two.
        brief: whether the tables by field and confidence, memory and stages are left out.
    """
    grades = [grade for grade in results[OURS]["grades"] if grade in GRADES]
    peaks = [f"{_SHORT[name]} {one['peak_rss_mb']:.0f} MB" for name, one in results.items()]
    shares = [f"{stage} {100 * share:.0f} %" for stage, share in stages.items()]
    ours = results[OURS]["grades"]
    first = (words, _beside(results), _over_floor(ours, grades))
    if brief:
        return "\n\n".join(first)
    return "\n\n".join(
        (
            *first,
            _by_field(results, grades),
            _by_confidence(ours, grades),
            f"Peak memory of the process: {', '.join(peaks)}.",
            f"Share of our time: {', '.join(shares)}.",
        )
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _beside(results: dict[str, Any]) -> str:
    head = ["photos", "reader", "fields exact %", "all eleven exact %", "wrong, not empty"]
    head += ["median ms", "p95 ms", "median ratio", "p95 ratio"]
    rows = []
    for group, ours in results[OURS]["grades"].items():
        peer = results[PLAIN]["grades"][group]
        for name, result in results.items():
            s = result["grades"][group]
            rows.append(
                [
                    f"{group} ({ours['photos']})",
                    name,
                    f"{s['fields_exact']:.1f}",
                    f"{s['all_exact']:.0f}",
                    str(s["wrong_not_empty"]),
                    f"{s['median_ms']:.0f}",
                    f"{s['p95_ms']:.0f}",
                    f"{s['median_ms'] / peer['median_ms']:.2f}",
                    f"{s['p95_ms'] / peer['p95_ms']:.2f}",
                ]
            )
    return _table(head, rows)


def _over_floor(ours: dict[str, Any], grades: Sequence[str]) -> str:
    head = ["photos with a value", "our median ms", "floor's median ms", "ratio"]
    rows = []
    for grade in grades:
        above = ours[grade]["above_floor"]
        if above:
            middle, floor = above["median_ms"], above["floor_ms"]
            times = [f"{middle:.0f}", f"{floor:.0f}", f"{middle / floor:.2f}"]
            rows.append([f"{grade} ({above['photos']})", *times])
    return _table(head, rows)


def _by_field(results: dict[str, Any], grades: Sequence[str]) -> str:
    order = " / ".join(_SHORT[name] for name in results)
    rows = []
    for field in FIELD_NAMES:
        row = [f"`{field}`"]
        for grade in grades:
            exact = [r["grades"][grade]["by_field"][field] for r in results.values()]
            row.append(" / ".join(f"{share:.0f}" for share in exact))
        rows.append(row)
    return _table([f"field, exact %: {order}", *grades], rows)


def _by_confidence(ours: dict[str, Any], grades: Sequence[str]) -> str:
    head = ["confidence 0.9 or more", "values", "exact %", "of all exact values %"]
    rows = []
    for group in (*grades, "all"):
        s = ours[group]
        shares = [f"{s['sure_exact']:.1f}", f"{s['exact_sure']:.1f}"]
        rows.append([group, str(s["sure"]), *shares])
    return _table(head, rows)

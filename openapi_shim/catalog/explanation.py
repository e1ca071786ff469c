"""What an error code means and what to do about it, in two languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language: *why* it happens, in one sentence, and the next *step*."""

    why: str
    step: str


@dataclass(frozen=True)
class Explanation:
    """One code.

    Attributes:
        code: WeChat's or the cloud's number.
        english: for readers of English.
        chinese: the same for readers of Chinese.
    """

    code: int
    english: Words
    chinese: Words


def explained(
    rows: tuple[tuple[int, str, str, str, str], ...],
) -> dict[int, Explanation]:
    """Rows of code, why, step, 原因, 办法 by their code."""
    return {
        code: Explanation(code, Words(why, step), Words(why_zh, step_zh))
        for code, why, step, why_zh, step_zh in rows
    }

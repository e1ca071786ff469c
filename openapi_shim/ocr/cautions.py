"""Warnings and checks: what a careful reader would point out about a picture and its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from openapi_shim.ocr.checks import add_years, id_birth, id_is_valid, id_sex
from openapi_shim.ocr.details import WARNINGS, Caution, Check
from openapi_shim.ocr.quality import Quality
from openapi_shim.ocr.timeline import LONG_TERM

# Limits of the measures, in their own units; bench/warnings.py reports how often they are wrong.
_COLOUR = 0.09  # less: no red ink on green paper
_GRID = 12.0  # decibels
_WHITE = 20.0  # square millimetres
_SHARPNESS = 0.21
_OUTSIDE = 2.5  # millimetres; the card's place is known to one or two


def cautions(
    quality: Quality | None, *, second_page: bool, several: bool, expired: bool
) -> tuple[Caution, ...]:
    """The warnings, in the order of ``WARNINGS``.

    Args:
        quality: measures of a card's picture; None for an electronic licence.
        second_page: whether nothing is missing: it is there, or is never wanted.
        several: whether another main page is in the picture.
        expired: whether the licence's term is over.
    """
    found: dict[str, float | None] = dict(_of_picture(quality)) if quality is not None else {}
    if not second_page:
        found["second_page_missing"] = None
    if expired:
        found["expired"] = None
    if several:
        found["several_cards"] = None
    return tuple(Caution(name, WARNINGS[name], found[name]) for name in WARNINGS if name in found)


def _of_picture(quality: Quality) -> Iterator[tuple[str, float]]:
    copied = quality.colour < _COLOUR  # its paper is white, and no glare
    for name, measured, holds in (
        ("copy", quality.colour, copied),
        ("screen", quality.grid, quality.grid > _GRID),
        ("glare", quality.white, quality.white > _WHITE and not copied),
        ("blur", quality.sharpness, quality.sharpness < _SHARPNESS),
        ("border_incomplete", quality.outside, quality.outside > _OUTSIDE),
    ):
        if holds:
            yield name, round(measured, 3)


def is_expired(values: Mapping[str, str], today: date) -> bool:
    """Whether the term was over before ``today``; an unread term is not."""
    end = values.get("valid_to", "")
    return bool(end) and end != LONG_TERM and end < today.isoformat()


def checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    """Whether fields that are read apart agree.

    Args:
        values: the eleven fields, empty where unread.
    """
    number = values.get("id_num", "")
    citizen = values.get("nationality", "") in ("", "中国") and len(number) == 18
    born, sex = id_birth(number), id_sex(number)
    birth, issue, begin, end = (
        values.get(name, "") for name in ("birth_date", "issue_date", "valid_from", "valid_to")
    )
    days = [birth, issue, begin, *([end] if end != LONG_TERM else [])]
    ordered = all(days) and days == sorted(days)
    terms = {add_years(begin, 6), add_years(begin, 10), LONG_TERM} if begin else set()
    return (
        Check(
            "id_checksum",
            id_is_valid(number) if citizen else None,
            "the number's date exists and its check digit (ISO 7064 MOD 11-2) is right",
        ),
        Check(
            "birth_date_in_id",
            born == birth if citizen and born and birth else None,
            "the number holds the birth date",
        ),
        Check(
            "sex_in_id",
            sex == values["sex"] if citizen and sex and values.get("sex") else None,
            "the number's 17th digit is odd for men and even for women",
        ),
        Check(
            "dates_in_order",
            ordered if all(days) else None,
            "birth, first issue, begin and end of validity follow one another",
        ),
        Check(
            "term",
            end in terms if begin and end else None,
            "the validity is six or ten years, or without end",
        ),
    )

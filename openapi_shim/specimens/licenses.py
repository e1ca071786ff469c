"""An invented licence: its eleven fields, and what else is printed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from openapi_shim.specimens.addresses import invent_address
from openapi_shim.specimens.authorities import authority
from openapi_shim.specimens.chance import chance, pick, stream, weighted, whole
from openapi_shim.specimens.people import invent_person
from openapi_shim.specimens.regions import REGIONS

FIELD_NAMES = (
    "id_num",
    "name",
    "sex",
    "nationality",
    "address",
    "birth_date",
    "issue_date",
    "car_class",
    "valid_from",
    "valid_to",
    "official_seal",
)
"""The eleven fields, in the order of WeChat's answer."""

LAYOUTS = ("current", "older")
"""``current``: 有效期限 from … 至 …; ``older``: 有效起始日期, and 有效期限 in years."""

FOREVER = "长期"

_OLDEST = 2006  # year: older cards looked otherwise

_CLASSES = (
    ("C1", 46.0), ("C2", 14.0), ("B2", 7.0), ("A1A2", 2.0), ("A2", 3.0), ("A1", 2.0), ("B1", 2.0),
    ("C1D", 4.0), ("C1E", 3.0), ("B2E", 2.0), ("A1A2D", 2.0), ("A1A2E", 1.0), ("B1B2", 2.0),
    ("A2D", 1.5), ("A2E", 1.5), ("A3", 1.0), ("C3", 1.0), ("C4", 1.0), ("C5", 0.7), ("C6", 0.7),
    ("D", 1.2), ("E", 1.2), ("F", 0.6), ("M", 0.6), ("N", 0.4), ("P", 0.4), ("A1A3", 0.6),
    ("C1M", 0.6), ("B2D", 1.0), ("A1B2", 0.8), ("C1C6", 0.6), ("A2C6", 0.4),
)  # fmt: skip


@dataclass(frozen=True)
class License:
    """What is printed on one licence.

    Attributes:
        truth: the eleven fields in WeChat's form and order.
        layout: one of ``LAYOUTS``.
        years: the length of validity as printed by the older layout: ``6年``, ``长期``.
        archive: 档案编号 of the second page, twelve digits.
    """

    truth: dict[str, str]
    layout: str
    years: str
    archive: str


def _plus_years(day: dt.date, years: int) -> dt.date:
    return day.replace(year=day.year + years)  # days stop at the 28th: no leap day


def _term(rng: np.random.Generator, issued: dt.date, last: int) -> tuple[dt.date, int]:
    """When the card's validity begins, not after the year ``last``, and for how many years.

    Six years at first, then ten, then for ever (0).
    """
    terms = [(issued.year + shift, years) for shift, years in ((0, 6), (6, 10), (16, 0))]
    usable = [term for term in terms if _OLDEST <= term[0] <= last]
    if usable:
        year, years = pick(rng, usable)
        begins = issued.replace(year=year)
    else:  # first issued long ago: a later card
        years = pick(rng, (6, 10, 10, 0))
        begins = issued.replace(year=whole(rng, _OLDEST, max(_OLDEST, last)))
    if chance(rng, 0.2):  # printed anew after a loss or a move: its own day
        begins = max(issued, begins.replace(month=whole(rng, 1, 12), day=whole(rng, 1, 28)))
    return begins, years


def invent_license(seed: int, layout: str) -> License:
    """The licence of a seed. Where the holder's ID, home and office lie is drawn apart."""
    origin, home, office = (
        pick(stream(seed, purpose), REGIONS) for purpose in ("origin", "home", "office")
    )
    rng = stream(seed, "license")
    person = invent_person(stream(seed, "person"), origin)
    last = 2015 if layout == "older" else 2024
    first = max(min(person.born.year + whole(rng, 18, 40), last), 1985, person.born.year + 18)
    issued = dt.date(first, whole(rng, 1, 12), whole(rng, 1, 28))
    begins, years = _term(rng, issued, max(last, first))
    ends = _plus_years(begins, years).isoformat() if years else FOREVER
    values = (
        person.document,
        person.name,
        person.sex,
        person.nationality,
        invent_address(stream(seed, "address"), home),
        person.born.isoformat(),
        issued.isoformat(),
        weighted(rng, list(_CLASSES)),
        begins.isoformat(),
        ends,
        authority(stream(seed, "seal"), office),
    )
    return License(
        truth=dict(zip(FIELD_NAMES, values, strict=True)),
        layout=layout,
        years=f"{years}年" if years else FOREVER,
        archive=f"{office.code[:4]}{whole(rng, 0, 99_999_999):08d}",
    )

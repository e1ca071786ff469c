"""Invented people: who they are and the number of their document."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from openapi_shim.specimens.chance import chance, pick, whole
from openapi_shim.specimens.names import citizen_name, foreign_name
from openapi_shim.specimens.regions import Region

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_COUNTRIES = (
    ("美国", "USA"), ("韩国", "KOR"), ("日本", "JPN"), ("英国", "GBR"), ("法国", "FRA"),
    ("德国", "DEU"), ("加拿大", "CAN"), ("澳大利亚", "AUS"), ("俄罗斯", "RUS"), ("新加坡", "SGP"),
    ("马来西亚", "MYS"), ("印度", "IND"), ("意大利", "ITA"), ("巴基斯坦", "PAK"),
)  # fmt: skip
FOREIGNERS = 0.05
"""Share of foreigners."""


@dataclass(frozen=True)
class Person:
    """Who holds the licence; nobody real.

    Attributes:
        document: the 18-digit ID, or for a foreigner letters and digits.
        name: as printed.
        sex: 男 or 女.
        nationality: 中国, or a country's Chinese name.
        born: date of birth.
    """

    document: str
    name: str
    sex: str
    nationality: str
    born: dt.date


def check_digit(first17: str) -> str:
    """The last character of an ID number (ISO 7064 MOD 11-2) for its first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


def id_number(rng: np.random.Generator, code: str, born: dt.date, sex: str) -> str:
    """An ID number: region, birth date, a running number that is odd for men, check digit."""
    running = whole(rng, 0, 499) * 2 + (1 if sex == "男" else 0)
    first17 = f"{code}{born:%Y%m%d}{running:03d}"
    return first17 + check_digit(first17)


def _foreign_document(rng: np.random.Generator, letters: str, born: dt.date) -> str:
    if chance(rng, 0.3):  # permanent residents: country, region, birth date, running number
        place = pick(rng, ("1100", "3100", "4401", "3205"))
        return f"{letters}{place}{born:%y%m%d}{whole(rng, 10, 99)}"
    digits = "".join(str(whole(rng, 0, 9)) for _ in range(pick(rng, (7, 8, 8))))
    return pick(rng, "ABCEGHKLMPRT") + digits


def invent_person(rng: np.random.Generator, origin: Region) -> Person:
    """A person whose ID number, if a citizen, begins with the code of ``origin``."""
    sex = "男" if chance(rng, 0.62) else "女"
    born = dt.date(whole(rng, 1956, 2004), whole(rng, 1, 12), whole(rng, 1, 28))
    if chance(rng, FOREIGNERS):
        country, letters = pick(rng, _COUNTRIES)
        document = _foreign_document(rng, letters, born)
        return Person(document, foreign_name(rng, sex), sex, country, born)
    number = id_number(rng, origin.code, born, sex)
    return Person(number, citizen_name(rng, sex), sex, "中国", born)

"""What is not a driving licence's main page: other documents, and pictures of nothing.

Their print is made up: what matters is that they hold names, numbers, dates and titles such as
a licence has, some under the very same labels. Positions, fonts, papers and inks differ from
seed to seed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from openapi_shim.specimens.chance import stream
from openapi_shim.specimens.grades import GRADES
from openapi_shim.specimens.licenses import License, invent_license
from openapi_shim.specimens.others import cards, papers, pictures
from openapi_shim.specimens.others.page import LICENCE, Page, draw_page
from openapi_shim.specimens.page2 import draw_second_page
from openapi_shim.specimens.scene import photograph_page

_DOCUMENTS: dict[str, Callable[[np.random.Generator, License], Page]] = {
    "identity card": cards.identity_card,
    "identity card's back": cards.identity_back,
    "vehicle licence": cards.vehicle_licence,
    "vehicle licence's second page": cards.vehicle_second,
    "bank card": cards.bank_card,
    "social security card": cards.social_card,
    "foreign licence": cards.foreign_licence,
    "form": papers.form,
    "driving school's paper": papers.school_paper,
    "driver's extract": papers.driver_extract,
    "qualification certificate": papers.qualification,
    "insurance": papers.insurance,
    "business licence": papers.business_licence,
    "bill": papers.invoice,
    "passport": papers.passport,
    "book": papers.book_page,
}
_PICTURES = ("chat", "landscape", "blank")

OTHERS = (*_DOCUMENTS, *_PICTURES, "second page")
"""The kinds of pictures that hold no main page of a driving licence."""


def make_other(seed: int, kind: str, *, grade: str = "normal", quarters: int = 0) -> bytes:
    """A JPEG of something that is no driving licence. The same arguments give the same bytes.

    Args:
        seed: 0 or greater.
        kind: one of ``OTHERS``.
        grade: how good the photo is; a screenshot is none.
        quarters: quarter turns, clockwise.
    """
    if kind not in OTHERS:
        raise ValueError(f"unknown kind {kind!r}: choose one of {', '.join(OTHERS)}")
    issued = invent_license(seed, "current")
    if kind == "landscape":
        return pictures.landscape(seed, GRADES[grade], quarters)
    if kind == "blank":
        return pictures.blank(seed, GRADES[grade], quarters)
    if kind == "chat":
        return pictures.chat(seed, issued, quarters)
    if kind == "second page":
        return photograph_page(
            seed, lambda scale: draw_second_page(seed, issued, scale), GRADES[grade], quarters
        )
    rng = stream(seed, kind)
    page = _DOCUMENTS[kind](rng, issued)
    size = page.size if max(page.size) > LICENCE[0] else LICENCE
    page.size = size
    return photograph_page(
        seed, lambda scale: draw_page(rng, page, scale), GRADES[grade], quarters, size
    )

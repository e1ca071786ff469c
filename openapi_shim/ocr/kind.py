"""Whether what was read is a driving licence's main page.

A title, a number or a date is on many papers, and some print a driver's classes and dates under
the licence's own labels. What counts is how much of the main page stands in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from openapi_shim.ocr.checks import add_years, id_birth, looks_like_authority
from openapi_shim.ocr.documents import SECOND_PAGE, other_document
from openapi_shim.ocr.placed import Placed
from openapi_shim.ocr.timeline import LONG_TERM

# Fields of the main page that the second page lacks.
_MAIN = (
    {"birth_date"},
    {"issue_date"},
    {"car_class"},
    {"valid_from", "valid_to"},
    {"sex"},
    {"nationality"},
)
_ENOUGH = 2
# Labels and values in their places that make a main page: with the title, without it, and
# values alone, where the photo is too poor for labels. Measured by bench/refusals.py.
_WITH_TITLE = 4
_WITHOUT_TITLE = 9
_VALUES_ALONE = 4
_FEW_LABELS = 2
_MOST_FIELDS = 8
_IF_LOCATED = 4
_BESIDE_ANOTHER = 9  # so much of it in place is a licence, whatever else is in the picture


def is_main_page(
    values: Mapping[str, str],
    anchors: Collection[str],
    texts: Sequence[str] = (),
    *,
    located: bool = False,
) -> bool:
    """Whether what was found is enough to call the picture a licence's main page.

    Args:
        values: of the fields found, by name.
        anchors: keys of the labels and values that stood in their places on the card.
        texts: all lines that were read.
        located: whether the locator saw the card, of which then less needs to be legible.
    """
    if sum(bool(names & set(values)) for names in _MAIN) < _ENOUGH:
        return False
    if other_document(texts) not in ("", SECOND_PAGE) and len(anchors) < _BESIDE_ANOTHER:
        return False
    if located and len(anchors) >= _IF_LOCATED:
        return True
    if "title" in anchors:
        return len(anchors) >= _WITH_TITLE
    if len(anchors) >= _WITHOUT_TITLE:
        return True
    labels = [key for key in anchors if not key.endswith(" value")]
    in_place = len(anchors) - len(labels) >= _VALUES_ALONE or _is_nearly_whole(values)
    return len(labels) <= _FEW_LABELS and in_place and _are_of_one_card(values)


def _is_nearly_whole(values: Mapping[str, str]) -> bool:
    """Whether most fields were found, the traffic police's seal among them."""
    return len(values) >= _MOST_FIELDS and looks_like_authority(values.get("official_seal", ""))


def _are_of_one_card(values: Mapping[str, str]) -> bool:
    """Whether fields that are read apart belong together, as those of a licence do."""
    born = id_birth(values.get("id_num", ""))
    begin, end = values.get("valid_from", ""), values.get("valid_to", "")
    term = bool(begin) and end in {add_years(begin, 6), add_years(begin, 10), LONG_TERM}
    return (bool(born) and born == values.get("birth_date")) or (term and "car_class" in values)


def is_second_page(placed: Sequence[Placed]) -> bool:
    """Whether the card that was found is a licence's second page."""
    labels = {item.segment.label for item in placed}
    return "second" in labels and not labels & {"birth", "issue", "class", "sex", "nationality"}

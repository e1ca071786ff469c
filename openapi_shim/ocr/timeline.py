"""Which date is which: birth, first issue, begin and end of validity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from openapi_shim.ocr.checks import add_years, find_dates, find_years, is_long_term
from openapi_shim.ocr.placed import Placed

LONG_TERM = "长期"
_MISSING = 9.0  # the cost of leaving a date out: a row three standard deviations off
_NEAREST = 6  # dates tried per row: all combinations of them are
_ROW_SPREAD = 2.0  # mm
_BETWEEN = 33.0  # mm from the card's left: where validity's begin has started and its end has not
_WRONG_SIDE = 3.0


@dataclass(frozen=True)
class DateToken:
    """A date, 长期 or a number of years somewhere on the card.

    Attributes:
        kind: ``date``, ``forever`` or ``years``.
        value: ``YYYY-MM-DD``, ``长期`` or the number.
        item: where it was read.
        order: among the tokens of the same segment, from 0.
        role: ``begin`` before a 至, ``end`` after it, else "".
    """

    kind: str
    value: str
    item: Placed
    order: int
    role: str = ""


Chosen = dict[str, tuple[DateToken, str]]
"""Field name → (where from, value)."""


def date_tokens(values: Sequence[Placed]) -> list[DateToken]:
    """All tokens in the values of a card."""
    tokens = []
    for item in values:
        begin, to, end = item.text.partition("至")
        dates = find_dates(begin)
        roles = ["begin" if to else ""] * len(dates)
        dates += find_dates(end)
        roles += ["end"] * (len(dates) - len(roles))
        tokens += [
            DateToken("date", day, item, order, role)
            for order, (day, role) in enumerate(zip(dates, roles, strict=True))
        ]
        if is_long_term(item.text):
            tokens.append(DateToken("forever", LONG_TERM, item, len(dates)))
        elif years := find_years(item.text):
            tokens.append(DateToken("years", str(years), item, len(dates)))
    return tokens


def order_dates(tokens: Sequence[DateToken], rows: Mapping[str, float], born: str) -> Chosen:
    """The likeliest meaning of all dates together.

    Args:
        tokens: of one card.
        rows: the middles of the rows ``birth``, ``issue`` and ``valid``, mm.
        born: the birth date in the ID number, or "" if there is none; it only helps to tell
            the dates apart and is never taken as one.
    """
    days = [token for token in tokens if token.kind == "date"]
    ends = [token for token in tokens if token.kind != "date"]

    def near(row: str, pool: Sequence[DateToken]) -> list[DateToken | None]:
        fit = [t for t in pool if abs(t.item.y - rows[row]) < 4 * _ROW_SPREAD]
        fit.sort(key=lambda token: abs(token.item.y - rows[row]))
        return [None, *fit[:_NEAREST]]

    best_cost = float("inf")
    best: tuple[DateToken | None, ...] = (None, None, None, None)
    for choice in product(
        near("birth", days), near("issue", days), near("valid", days), near("valid", days + ends)
    ):
        picked = [token for token in choice if token is not None]
        if len(set(map(id, picked))) < len(picked):
            continue
        cost = _cost(choice, rows, born)
        if cost < best_cost:
            best_cost, best = cost, choice
    birth, issue, begin, end = best
    chosen: Chosen = {}
    for name, token in (("birth_date", birth), ("issue_date", issue), ("valid_from", begin)):
        if token is not None:
            chosen[name] = token, token.value
    if end is not None:
        if end.kind != "years":
            chosen["valid_to"] = end, end.value
        elif begin is not None:
            chosen["valid_to"] = end, add_years(begin.value, int(end.value))
    return chosen


def _cost(choice: tuple[DateToken | None, ...], rows: Mapping[str, float], born: str) -> float:
    birth, issue, begin, end = choice
    cost = 0.0
    for token, row, wrong in zip(
        choice,
        ("birth", "issue", "valid", "valid"),
        (("begin", "end"), ("begin", "end"), ("end",), ("begin",)),
        strict=True,
    ):
        if token is None:
            cost += _MISSING
        else:
            cost += ((token.item.y - rows[row]) / _ROW_SPREAD) ** 2
            cost += 20.0 if token.role in wrong else 0.0
    if birth and born:
        cost += -6.0 if birth.value == born else 3.0
    cost += _order_cost(birth, issue) + _order_cost(issue, begin)
    if birth and issue and issue.value == birth.value:
        cost += 8.0
    if begin and end:
        return cost + _span_cost(begin, end)
    return cost + _side_cost(begin, end)


def _side_cost(begin: DateToken | None, end: DateToken | None) -> float:
    """Of a begin or an end that is alone on its row: one stands left, the other right."""
    if begin and begin.role != "begin":
        return _WRONG_SIDE if begin.item.left > _BETWEEN else 0.0
    if end and end.kind == "date" and end.role != "end":
        return _WRONG_SIDE if end.item.left <= _BETWEEN else 0.0
    return 0.0


def _order_cost(earlier: DateToken | None, later: DateToken | None) -> float:
    """Of two dates of which one must come first, in time and on the card."""
    if not earlier or not later:
        return 0.0
    cost = 8.0 if later.value < earlier.value else 0.0
    return cost + (4.0 if later.item.y < earlier.item.y + 1.0 else 0.0)


def _span_cost(begin: DateToken, end: DateToken) -> float:
    """Of a begin and an end of validity: six or ten years apart, on one row, in order."""
    cost = min(6.0, abs(end.item.y - begin.item.y))
    if end.kind == "date":
        spans = {add_years(begin.value, years) for years in (6, 10)}
        cost += -4.0 if end.value in spans else 2.0
        cost += 12.0 if end.value <= begin.value else 0.0
    if end.item is begin.item:
        cost += -2.0 if end.order > begin.order else 12.0
    elif end.item.left < begin.item.left:
        cost += 6.0
    return cost

"""The calls that both sides make: generated from a seed, and picked by hand at the edges.

Every call is JSON that JavaScript and Python build the same values from; see ``values.py``.
"""

from __future__ import annotations

import random

from tests.conformance.differential.answer_cases import answers
from tests.conformance.differential.cases import Case
from tests.conformance.differential.sent_cases import identity, keys, media, options, values
from tests.conformance.differential.service_cases import (
    function_answers,
    functions,
    open_data,
    storage,
    storage_answers,
    unreachable,
)

_SEED = 20261122


def corpus() -> list[Case]:
    """All cases, the same ones every time."""
    chance = random.Random(_SEED)  # noqa: S311
    families = (
        values(chance), keys(), options(), media(), identity(), answers(chance),
        functions(chance), function_answers(), storage(), storage_answers(), open_data(),
        unreachable(),
    )  # fmt: skip
    cases = [case for family in families for case in family]
    names = [case.name for case in cases]
    assert len(set(names)) == len(names)
    return cases

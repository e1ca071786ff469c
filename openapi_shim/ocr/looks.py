"""When to look again, and at what: each look costs time and must earn it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from openapi_shim.ocr.beside import Span, labels_on_card
from openapi_shim.ocr.checks import looks_like_authority
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.deadline import Deadline
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.on_card import BLUR, CALMED, FAINT, moved, seen_on_card, treated
from openapi_shim.ocr.passes import Engine, Pass
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.ocr.rectify import Rectified, rectify
from openapi_shim.ocr.register import Registration
from openapi_shim.ocr.seal import read_seal
from openapi_shim.ocr.second_line import read_begin, read_tail
from openapi_shim.ocr.vote import doubtful, merge, plausibility
from openapi_shim.ocr.zones import SINGLE, fields_on_rows_of, on_rows_of, read_missing

_SEAL = "official_seal"
_ENOUGH, _SURE, _DISPUTED = 0.6, 0.9, 0.85  # of a seal's least sure character

Looks = list[Candidates]
"""Opinions, one a look."""


def look_again(
    engine: Engine, pyramid: Pyramid, first: Pass, doubts: Sequence[str], deadline: Deadline
) -> Looks:
    """Reads the rectified card for what the first look left open, twice if need be.

    Args:
        engine: the models.
        pyramid: of the photo.
        first: what the first look saw, with a registration.
        doubts: names of the fields it left open.
        deadline: after which no further look begins.
    """
    looks = [first.candidates]
    texts = list(first.texts)
    best = first
    for treatment in (FAINT,) if first.rectified else (CALMED, FAINT):
        open_fields = [name for name in doubts if name != _SEAL]
        if not open_fields or deadline.passed:
            break
        card = treated(pyramid, _place_of(best), treatment)
        seen = seen_on_card(engine, card, treatment.side, best.texts, on_rows_of(open_fields))
        if seen.registration is None:
            break
        # Of other rows only what was known is left, which may be half an address.
        looks.append(fields_on_rows_of(open_fields, seen.candidates))
        texts += seen.texts
        # A pass that fits more of the card's print knows better where the card lies.
        if len(seen.registration.anchors) >= len(best.anchors):
            best = seen
        merged, _ = merge(looks, FIELD_NAMES)
        doubts = doubtful(merged, doubts)
    if deadline.passed:
        return looks
    card = rectify(pyramid, _place_of(best), BLUR)
    on_card = [moved(look, card.from_photo) for look in looks]
    on_card = _fill_in(engine, card, on_card, labels_on_card(texts, _place_of(best)))
    back = np.linalg.inv(card.from_photo)
    return [moved(look, back) for look in on_card]


def _place_of(seen: Pass) -> Registration:
    if seen.registration is None:
        raise ValueError("a pass without a registration shows no card")
    return seen.registration


def _fill_in(engine: Engine, card: Rectified, looks: Looks, labels: Mapping[str, Span]) -> Looks:
    """What the search for text overlooks: short second lines, lone letters, the seal's rows."""
    merged, _ = merge(looks, FIELD_NAMES)
    reader = engine.on_card.reader
    if "address" in merged:
        looks = _with_second_line(reader, card, looks, merged)
    missing = [name for name in FIELD_NAMES if name not in merged]
    missing += [name for name in doubtful(merged, list(merged)) if name in SINGLE]
    if missing:
        looks = [*looks, read_missing(reader, card, merged, missing, labels)]
    return _with_seal(looks, read_seal(reader, card.pixels))


def _with_seal(looks: Looks, seal: Candidate | None) -> Looks:
    """The looks with what the seal's rows say, which is right where lines found in it differ.

    Lines of text lose a stretched character at the frame without being less sure of the rest.
    """
    if seal is None:
        return looks
    lines = [look[_SEAL] for look in looks if _SEAL in look]
    whole = looks_like_authority(seal.value) and seal.weakest > _ENOUGH
    if whole and all(line.value != seal.value for line in lines):
        looks = [{n: one for n, one in look.items() if n != _SEAL} for look in looks]
        if any(looks_like_authority(line.value) and line.weakest >= _SURE for line in lines):
            seal = replace(seal, weakest=min(seal.weakest, _DISPUTED))
    return [*looks, {_SEAL: seal}]


def _with_second_line(
    reader: LineReader, card: Rectified, looks: Looks, merged: Candidates
) -> Looks:
    address = merged["address"]
    longer = read_begin(reader, card, address)
    if longer is None and doubtful(merged, ["address"]):
        longer = read_tail(reader, card, address)
    if longer is None or plausibility("address", {"address": longer}) < 1:
        return looks
    return [
        {**look, "address": longer}
        if "address" in look and look["address"].value == address.value
        else look
        for look in looks
    ]

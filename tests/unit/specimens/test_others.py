"""Pictures of what is no driving licence."""

from __future__ import annotations

import pytest

from openapi_shim.specimens import make_specimen
from openapi_shim.specimens.others import OTHERS, make_other


@pytest.mark.fonts
@pytest.mark.parametrize("kind", OTHERS)
def test_same_seed_same_bytes(kind: str) -> None:
    image = make_other(3, kind, quarters=1)
    assert image == make_other(3, kind, quarters=1)
    assert image != make_other(4, kind, quarters=1)
    assert image[:3] == b"\xff\xd8\xff"


def test_an_unknown_kind_names_the_choices() -> None:
    with pytest.raises(ValueError, match="choose one of identity card"):
        make_other(0, "cat")


@pytest.mark.fonts
def test_a_shifted_form_changes_the_card_and_not_the_truth() -> None:
    usual, shifted = (make_specimen(3, grade="clean", shifted=on) for on in (False, True))
    assert usual.truth == shifted.truth
    assert usual.image != shifted.image

"""Licences with faults, and screenshots of electronic ones."""

from __future__ import annotations

import pytest

from openapi_shim.specimens import FIELD_NAMES, make_specimen
from openapi_shim.specimens.electronic import EXTRA_NAMES, make_electronic
from openapi_shim.specimens.faults import FAULTS, make_faulty

pytestmark = pytest.mark.fonts


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_the_photo_and_not_the_truth(fault: str) -> None:
    usual, faulty = (
        make_specimen(8, grade="clean", rotation=0),
        make_faulty(8, fault, grade="clean"),
    )
    assert faulty.truth == usual.truth
    assert faulty.image != usual.image
    assert faulty.image == make_faulty(8, fault, grade="clean").image
    assert faulty.image[:3] == b"\xff\xd8\xff"


def test_an_unknown_fault_names_the_choices() -> None:
    with pytest.raises(ValueError, match="choose one of photocopy"):
        make_faulty(0, "moustache")


def test_an_electronic_licence_has_no_address_and_rows_of_its_own() -> None:
    made = [make_electronic(seed) for seed in range(4)]
    assert made[0] == make_electronic(0)
    for one in made:
        assert tuple(one.truth) == FIELD_NAMES
        assert one.truth["address"] == ""
        assert tuple(one.extras) == EXTRA_NAMES
        assert all(one.extras.values())
        assert one.extras["generated_at"] < one.extras["current_time"]
    assert len({one.image for one in made}) == 4

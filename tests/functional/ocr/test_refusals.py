"""What is no licence is refused, each by its own name. The large set is bench/refusals.py."""

from __future__ import annotations

import pytest

from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.ocr import Recognizer


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer(threads=2)


@pytest.mark.fonts
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("identity card", "an identity card"),
        ("vehicle licence", "行驶证"),
        ("vehicle licence's second page", "行驶证副页"),
        ("bank card", "a bank card"),
        ("form", "a form"),
        ("driving school's paper", "a driving school's"),
        ("driver's extract", "an extract"),
        ("qualification certificate", "从业资格证"),
        ("business licence", "a business licence"),
        ("chat", "lines of text"),
        ("landscape", "text"),
        ("second page", "the second page"),
    ],
)
def test_what_is_no_licence_is_refused_by_name(
    recognizer: Recognizer, kind: str, words: str
) -> None:
    from openapi_shim.specimens.others import OTHERS, make_other

    seed = OTHERS.index(kind)
    image = make_other(seed, kind, grade="clean", quarters=seed % 4)
    with pytest.raises(LicenseNotFoundError, match=words):
        recognizer.read(image)

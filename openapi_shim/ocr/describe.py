"""Details of a reading, for who asks: extras, warnings, checks, and the card's own image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.cautions import cautions, checks, is_expired
from openapi_shim.ocr.crops import Corners, Pyramid
from openapi_shim.ocr.decode import Photo, Pixels
from openapi_shim.ocr.details import Details
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.passes import Engine, Pass
from openapi_shim.ocr.quality import measure
from openapi_shim.ocr.reading import Field, Quad
from openapi_shim.ocr.register import Registration
from openapi_shim.ocr.second_page import read_second_page
from openapi_shim.ocr.several import another_card

_IMAGE_SCALE = 12.0  # pixels per millimetre of the card's image
_IMAGE_MARGIN = 1.5  # mm around it: where the card lies is known to one or two
_IMAGE_QUALITY = 92


@dataclass(frozen=True)
class Seen:
    """A photo and what was seen in it.

    Attributes:
        photo: decoded.
        pyramid: of its pixels.
        values: the eleven fields, empty where unread.
        today: the day on which the term is judged.
    """

    photo: Photo
    pyramid: Pyramid
    values: Mapping[str, str]
    today: date


def describe_card(engine: Engine, seen: Seen, first: Pass) -> Details:
    """The details of a card; the second page, if it is there, is read for them."""
    main = first.registration
    expired = is_expired(seen.values, seen.today)
    if main is None:
        raise ValueError("a card that was read has a place in the photo")
    second = read_second_page(engine, seen.pyramid, main, first.texts)
    found = cautions(
        measure(seen.pyramid, main),
        second_page=second is not None,
        several=another_card(main, first.texts) is not None,
        expired=expired,
    )
    return Details(
        kind="card",
        corners=quad_in(main.corners().astype(np.float32), seen.photo),
        extras=as_fields(second.values if second else {}, seen.photo),
        warnings=found,
        checks=checks(seen.values),
        _draw=lambda: card_image(seen.pyramid.levels[0], main),
    )


def describe_electronic(seen: Seen, extras: Candidates) -> Details:
    """The details of an electronic licence: no paper, so nothing to warn of but its term."""
    expired = is_expired(seen.values, seen.today)
    return Details(
        kind="electronic",
        corners=None,
        extras=as_fields(extras, seen.photo),
        warnings=cautions(None, second_page=True, several=False, expired=expired),
        checks=checks(seen.values),
    )


def as_fields(candidates: Candidates, photo: Photo) -> dict[str, Field]:
    """Values that one look read, with corners in the photo as given."""
    return {
        name: Field(found.value, _confidence(found), quad_in(found.corners, photo), found.text)
        for name, found in candidates.items()
    }


def _confidence(found: Candidate) -> float:
    return round(min(0.999, (found.confidence + found.weakest) / 2), 3)


def quad_in(corners: Corners, photo: Photo) -> Quad:
    """Corners in the pixels held as corners in the photo as given."""
    points = [(float(x) * photo.scale, float(y) * photo.scale) for x, y in corners]
    return points[0], points[1], points[2], points[3]


def card_image(pixels: Pixels, card: Registration) -> bytes:
    """The card seen from straight above, as a JPEG."""
    to_image = np.array(
        [
            [_IMAGE_SCALE, 0, _IMAGE_MARGIN * _IMAGE_SCALE],
            [0, _IMAGE_SCALE, _IMAGE_MARGIN * _IMAGE_SCALE],
            [0, 0, 1.0],
        ]
    )
    size = (
        round((WIDTH + 2 * _IMAGE_MARGIN) * _IMAGE_SCALE),
        round((HEIGHT + 2 * _IMAGE_MARGIN) * _IMAGE_SCALE),
    )
    image = cv2.warpPerspective(pixels, to_image @ card.matrix, size, flags=cv2.INTER_CUBIC)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _IMAGE_QUALITY])[1])

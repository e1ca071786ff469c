"""Photos of licences with known fields, of people who do not exist."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files


@dataclass(frozen=True)
class Photo:
    """A photo and what stands on it.

    Attributes:
        content: the JPEG.
        fields: the eleven fields by WeChat's names.
    """

    content: bytes = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)

    @property
    def img(self) -> dict[str, object]:
        """As a function passes it to ``cloud.openapi.ocr.driverLicense({"img": …})``."""
        return {"contentType": "image/jpeg", "value": self.content}

    @property
    def img_event(self) -> dict[str, object]:
        """As an event can hold it: the bytes in base64."""
        text = base64.b64encode(self.content).decode("ascii")
        return {"contentType": "image/jpeg", "value": text}


def ready_photo() -> Photo:
    """The one that comes with the package; it needs neither fonts nor time."""
    data = files("openapi_shim.testing") / "data"
    fields = json.loads((data / "specimen.json").read_text("utf-8"))
    return Photo((data / "specimen.jpg").read_bytes(), fields)


def draw_photo(seed: int, grade: str = "normal", **more: object) -> Photo:
    """Another one, drawn from a seed; see ``openapi_shim.specimens.make_specimen``.

    Raises:
        ValueError: an argument is none of its choices.
        FontsMissingError: the system has no CJK font.
    """
    from openapi_shim.specimens import make_specimen  # noqa: PLC0415 - it takes NumPy and OpenCV

    made = make_specimen(seed, grade=grade, **more)  # type: ignore[arg-type]  # its own check
    return Photo(made.image, made.truth)

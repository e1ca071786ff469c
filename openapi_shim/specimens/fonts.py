"""CJK fonts of the system: which there are, and which has the characters asked for."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageFont

from openapi_shim.errors import ShimError

PACKAGES = (
    "fonts-noto-cjk",
    "fonts-wqy-zenhei",
    "fonts-wqy-microhei",
    "fonts-arphic-ukai",
    "fonts-arphic-uming",
    "fonts-arphic-gkai00mp",
    "fonts-arphic-gbsn00lp",
    "fonts-lxgw-wenkai",
)
"""Debian's packages of the fonts below."""

_ROOTS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
)
# file name: style, face inside the file for simplified Chinese
_KNOWN = {
    "NotoSansCJK-Regular.ttc": ("hei", 2),
    "NotoSansCJK-Bold.ttc": ("bold", 2),
    "NotoSerifCJK-Regular.ttc": ("song", 2),
    "NotoSerifCJK-Bold.ttc": ("heavy", 2),
    "wqy-zenhei.ttc": ("hei", 0),
    "wqy-microhei.ttc": ("hei", 0),
    "uming.ttc": ("song", 0),
    "gbsn00lp.ttf": ("song", 0),
    "ukai.ttc": ("kai", 0),
    "gkai00mp.ttf": ("kai", 0),
    "LXGWWenKai-Regular.ttf": ("kai", 0),
}
STYLES = ("hei", "song", "kai")
"""The everyday styles; ``bold`` and ``heavy`` are the thick cuts of hei and song."""

_NOWHERE = "\U0010fffe"  # a code point that no font has: shows a font's picture for "missing"


class FontsMissingError(ShimError):
    """No CJK font is installed; the text names the packages."""


@dataclass(frozen=True, order=True)
class Face:
    """One face of a font file.

    Attributes:
        name: the file's name.
        style: hei (sans), song (serif), kai (brush), bold or heavy.
        path: where the file is.
        index: the face's number inside a collection.
    """

    name: str
    style: str
    path: str
    index: int

    def sized(self, pixels: int) -> ImageFont.FreeTypeFont:
        """The face at a size in pixels per em."""
        return _load(self.path, self.index, pixels)

    def covers(self, text: str) -> bool:
        """Whether the face has a glyph of its own for every character but spaces."""
        return all(_has(self.path, self.index, letter) for letter in text if not letter.isspace())


@functools.lru_cache(maxsize=256)
def _load(path: str, index: int, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels, index=index, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=16384)
def _shape(path: str, index: int, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = _load(path, index, 40).getmask(letter, mode="L")
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=16384)
def _has(path: str, index: int, letter: str) -> bool:
    shape = _shape(path, index, letter)
    return any(shape[1]) and shape != _shape(path, index, _NOWHERE)


@functools.lru_cache(maxsize=1)
def faces() -> tuple[Face, ...]:
    """Every known face that is installed, sorted by name."""
    found: dict[str, Face] = {}
    for root in _ROOTS:
        if not root.is_dir():
            continue
        for path in sorted(root.rglob("*.tt[cf]")):
            if path.name in _KNOWN and path.name not in found:
                style, index = _KNOWN[path.name]
                found[path.name] = Face(path.name, style, str(path), index)
    return tuple(sorted(found.values()))


def cjk_fonts_available() -> bool:
    """Whether specimens can be drawn here: at least one known CJK font is installed."""
    return bool(faces())


def choose_face(rng: np.random.Generator, styles: Sequence[str], texts: Iterable[str]) -> Face:
    """A face of one of the styles that has every character; another style if none has.

    Raises:
        FontsMissingError: no CJK font is installed, or none has all the characters.
    """
    installed = faces()
    wanted = "".join(texts)
    if not installed:
        raise FontsMissingError(
            "no CJK font found under /usr/share/fonts; on Debian or Ubuntu: "
            f"apt-get install {' '.join(PACKAGES)}"
        )
    order = [installed[int(place)] for place in rng.permutation(len(installed))]
    order.sort(key=lambda face: face.style not in styles)
    for face in order:
        if face.covers(wanted):
            return face
    raise FontsMissingError(
        "no installed CJK font has all the characters of a specimen; on Debian or Ubuntu: "
        f"apt-get install {' '.join(PACKAGES)}"
    )

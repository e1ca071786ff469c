"""The models' files: where they are, and that they are the ones this package was measured with.

The locator is our own. The others are part of rapidocr's wheel (Apache-2.0), of which only the
files are used: it is located without being imported, since its own code would pull in several
packages that are not needed here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np

from openapi_shim.errors import RecognitionError

_INSTALL = "pip install --force-reinstall 'rapidocr==3.10.*'"


@dataclass(frozen=True)
class Weights:
    """One model file.

    Attributes:
        name: of the file, under ``rapidocr/models`` or ``OWN_MODELS``.
        sha256: of its content, in hexadecimal.
        way_out: what to do where it is missing or another one.
    """

    name: str
    sha256: str
    way_out: str = f"Run: {_INSTALL}"


DETECTION = Weights(
    "PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
READING = Weights(
    "PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)
DIRECTION = Weights(
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
)


_OURS = "It is part of openapi_shim: install that again."
LOCATING = Weights(
    "locator.onnx",
    "c9ece0f964a229a2f8e54aaaa514507dddfc69c93df26f0bb7007c6eecd86dd2",
    _OURS,
)
DETECTION_IF_POOR = Weights(
    "detector.npz",
    "b14d553f3e6a0f5aa3add34f9ce458fea8b78cd8e8aa9ea1f5e9ef52819f75aa",
    _OURS,
)
"""What ``DETECTION`` learnt from poor photos of the card: see ``replaced``."""
READING_IF_POOR = Weights(
    "reader.npz",
    "38590b3dae5f354e66cda38a1723f027c0830730310233b28dd7e17872716ef1",
    _OURS,
)
"""What ``READING`` learnt from them."""
OWN_MODELS = Path(__file__).parent / "models"
"""What this project trained itself: see ``training/``."""


def replaced(content: bytes, changes: bytes) -> bytes:
    """A model's file with some of its weights replaced by others.

    Args:
        content: the file; weights lie in it as 32-bit floats, little-endian.
        changes: a NumPy archive: the place of a weight's first byte in ``content`` → its values.
    """
    patched = bytearray(content)
    with np.load(BytesIO(changes)) as archive:
        for place in archive.files:
            values = archive[place].astype("<f4").tobytes()
            patched[int(place) : int(place) + len(values)] = values
    return bytes(patched)


def models_folder() -> Path:
    """The folder ``rapidocr/models`` of the installed wheel.

    Raises:
        RecognitionError: rapidocr is not installed.
    """
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise RecognitionError(f"The recognizer's weights are not installed. Run: {_INSTALL}")
    return Path(next(iter(spec.submodule_search_locations))) / "models"


def read_weights(weights: Weights, folder: Path) -> bytes:
    """The file's bytes, once their checksum holds.

    Raises:
        RecognitionError: the file is missing or another one than expected.
    """
    path = folder / weights.name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecognitionError(f"The weights {path} cannot be read. {weights.way_out}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != weights.sha256:
        raise RecognitionError(
            f"The weights {path} are not the expected ones: SHA-256 {found[:12]}…, "
            f"expected {weights.sha256[:12]}…. {weights.way_out}"
        )
    return content

"""Averages what the reader learnt with the shipped weights, which it came from.

    python -m training.poor_photos.average FOLDER [--share 0.7]

What was trained on drawings reads drawings of the same hand best. The weights between the shipped
ones and the trained ones read those of other hands better than either (Wortsman et al., Robust
fine-tuning of zero-shot models, CVPR 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from openapi_shim.ocr.weights import READING, models_folder
from training.poor_photos.learnt import save


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=0.7, help="of what was learnt")
    options = parser.parse_args()
    file = options.folder / "reader.npz"
    shipped = (models_folder() / READING.name).read_bytes()
    averaged, places = {}, {}
    with np.load(file) as learnt:
        for place in learnt.files:
            value = learnt[place].astype(np.float64)
            before = np.frombuffer(shipped, "<f4", value.size, int(place)).reshape(value.shape)
            averaged[place] = before + options.share * (value - before)
            places[place] = int(place)
    save(file, averaged, places)


if __name__ == "__main__":
    main()

"""What was learnt, as ``openapi_shim.ocr.weights`` takes it: changes to a model's file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper


def places_of(model: Path, weights: Mapping[str, Any]) -> dict[str, int]:
    """Where each weight's first byte lies in the model's file.

    Raises:
        ValueError: a weight is not in the file as 32-bit floats.
    """
    content = model.read_bytes()
    stored = {
        one.name: numpy_helper.to_array(one).astype("<f4").tobytes()
        for one in onnx.load(model).graph.initializer
        if one.data_type == onnx.TensorProto.FLOAT
    }
    places = {}
    for name in weights:
        # Equal weights lie in the file in their order.
        alike = [other for other, raw in stored.items() if raw == stored[name]]
        if content.count(stored[name]) != len(alike):
            raise ValueError(f"{name} is not found in {model} as often as it should be")
        place = -1
        for _ in range(alike.index(name) + 1):
            place = content.index(stored[name], place + 1)
        places[name] = place
    return places


def save(file: Path, weights: Mapping[str, Any], places: Mapping[str, int]) -> None:
    """Writes the weights in half precision, each by its place."""
    changed = {str(places[name]): value.astype(np.float16) for name, value in weights.items()}
    unfinished = file.with_suffix(".tmp")
    with unfinished.open("wb") as stream:
        np.savez(stream, **changed)
    unfinished.replace(file)

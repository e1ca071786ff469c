"""How fast is learnt, and what was, as ``openapi_shim.ocr.weights`` takes it: changes to a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper


def set_rate(optimiser: Any, peak: float, step: int, warm_up: int, done: float) -> None:
    """Warms up, then goes down along a cosine to a fiftieth; ``done`` is the share of the time."""
    rate = peak * min(1, step / warm_up) * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)
    for group in optimiser.param_groups:
        group["lr"] = rate


class Average:
    """The weights' running mean, which is what is kept: steps of learning are noisy."""

    def __init__(self, weights: Mapping[str, Any], share: float) -> None:
        self.weights = {name: value.astype(np.float64) for name, value in weights.items()}
        self._share, self._steps = share, 0

    def add(self, weights: Mapping[str, Any]) -> None:
        """Counts the weights after one more step."""
        self._steps += 1
        share = min(self._share, 1 / self._steps)
        for name, value in weights.items():
            self.weights[name] += (value - self.weights[name]) * share


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


def load(net: Any, file: Path, places: Mapping[str, int]) -> None:
    """Gives ``net``, a ``training.poor_photos.graph.Graph``, the weights that ``save`` wrote."""
    with np.load(file) as archive:
        net.give({name: archive[str(place)] for name, place in places.items()})

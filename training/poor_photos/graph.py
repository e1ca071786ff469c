"""An ONNX graph as a PyTorch module: what the reader's graph is made of, and no more.

The weights keep their names, so that what was learnt goes back into the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

Attributes = dict[str, Any]


def _pads(how: Attributes, kernel: Sequence[int]) -> Sequence[int]:
    """Top, left, bottom, right."""
    if how.get("auto_pad") == b"SAME_UPPER":  # only ever at stride 1 here
        high, wide = kernel[0] - 1, kernel[1] - 1
        return high // 2, wide // 2, high - high // 2, wide - wide // 2
    return how.get("pads", (0, 0, 0, 0))


def _conv(inputs: list[Any], how: Attributes) -> Tensor:
    x, weight, *bias = inputs
    top, left, bottom, right = _pads(how, weight.shape[2:])
    if (top, left) != (bottom, right):
        x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
    return F.conv2d(
        x,
        weight,
        bias[0] if bias else None,
        how.get("strides", (1, 1)),
        (top, left),
        how.get("dilations", (1, 1)),
        how.get("group", 1),
    )


def _pool(inputs: list[Any], how: Attributes, kind: Callable[..., Tensor]) -> Tensor:
    x = inputs[0]
    top, left, bottom, right = _pads(how, how["kernel_shape"])
    if any((top, left, bottom, right)):
        x = F.pad(x, (left, right, top, bottom), value=float("-inf") if kind is F.max_pool2d else 0)
    return kind(x, how["kernel_shape"], how.get("strides"), ceil_mode=bool(how.get("ceil_mode")))


def _slice(inputs: list[Any], _: Attributes) -> Tensor:
    x, *rest = inputs
    starts, ends, axes = ([int(v) for v in part] for part in (*rest[:2], (*rest[2:], [0])[0]))
    for first, last, axis in zip(starts, ends, axes, strict=True):
        size = x.shape[axis]
        low = max(0, first + size if first < 0 else first)
        high = min(size, last + size if last < 0 else last)
        x = x.narrow(axis, low, high - low)
    return x


def _squeeze(inputs: list[Any], how: Attributes) -> Tensor:
    x = inputs[0]
    for axis in sorted(how["axes"], reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(inputs: list[Any], how: Attributes) -> Tensor:
    x = inputs[0]
    for axis in sorted(how["axes"]):
        x = x.unsqueeze(axis)
    return x


def _norm(inputs: list[Any], how: Attributes) -> Tensor:
    x, scale, shift, mean, variance = inputs
    return F.batch_norm(x, mean, variance, scale, shift, False, 0.0, how.get("epsilon", 1e-5))


def _reshape(inputs: list[Any], _: Attributes) -> Tensor:
    x, shape = inputs
    sizes = [int(v) for v in shape]
    return x.reshape([x.shape[at] if size == 0 else size for at, size in enumerate(sizes)])


_OPERATIONS: dict[str, Callable[[list[Any], Attributes], Any]] = {
    "Identity": lambda i, _: i[0],
    "Add": lambda i, _: i[0] + i[1],
    "Sub": lambda i, _: i[0] - i[1],
    "Mul": lambda i, _: i[0] * i[1],
    "Div": lambda i, _: i[0] / i[1],
    "Pow": lambda i, _: i[0] ** i[1],
    "Sqrt": lambda i, _: i[0].sqrt(),
    "Gelu": lambda i, _: F.gelu(i[0]),
    "Relu": lambda i, _: i[0].relu(),
    "Sigmoid": lambda i, _: i[0].sigmoid(),
    "HardSigmoid": lambda i, how: (i[0] * how.get("alpha", 0.2) + how.get("beta", 0.5)).clamp(0, 1),
    "MatMul": lambda i, _: i[0] @ i[1],
    "Softmax": lambda i, how: i[0].softmax(how.get("axis", -1)),
    "ReduceMean": lambda i, how: i[0].mean(
        tuple(how["axes"]), keepdim=bool(how.get("keepdims", 1))
    ),
    "Transpose": lambda i, how: i[0].permute(how["perm"]),
    "Concat": lambda i, how: torch.cat([torch.as_tensor(one) for one in i], how["axis"]),
    "Shape": lambda i, _: torch.tensor(i[0].shape),
    "Conv": _conv,
    "BatchNormalization": _norm,
    "MaxPool": lambda i, how: _pool(i, how, F.max_pool2d),
    "AveragePool": lambda i, how: _pool(i, how, F.avg_pool2d),
    "ConvTranspose": lambda i, how: F.conv_transpose2d(i[0], i[1], stride=how["strides"]),
    "GlobalAveragePool": lambda i, _: i[0].mean((2, 3), keepdim=True),
    # Enlarged by whole numbers alone.
    "Resize": lambda i, _: F.interpolate(i[0], scale_factor=float(i[2][-1]), mode="nearest"),
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Reshape": _reshape,
}


def _fused(nodes: list[Any]) -> list[Any]:
    """The nodes with x/√2, erf, +1, ·x, ·½ taken together as one: a third less time."""
    done = []
    place = 0
    while place < len(nodes):
        kinds = [node.op_type for node in nodes[place : place + 5]]
        if kinds == ["Div", "Erf", "Add", "Mul", "Mul"]:
            output = nodes[place + 4].output
            done.append(onnx.helper.make_node("Gelu", nodes[place].input[:1], output))
            place += 5
        else:
            done.append(nodes[place])
            place += 1
    return done


class Graph(nn.Module):
    """The graph up to its last node, which is left out: the reader's is a softmax.

    Args:
        path: of the ONNX file; one input, one output.
        frozen: names of weights that do not learn.
    """

    def __init__(self, path: Path, frozen: tuple[str, ...] = ()) -> None:
        super().__init__()
        graph = onnx.load(path).graph
        self.weights = nn.ParameterDict()
        self._constants: dict[str, Tensor] = {}
        self._names: dict[str, str] = {}
        learnt = {
            name
            for node in graph.node
            if node.op_type in {"Conv", "ConvTranspose", "Identity", "MatMul", "Add", "Mul"}
            for name in node.input
        }
        for tensor in graph.initializer:
            value = torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
            if value.is_floating_point() and tensor.name in learnt and value.numel() > 1:
                key = tensor.name.replace(".", "-")
                self._names[tensor.name] = key
                self.weights[key] = nn.Parameter(value, tensor.name not in frozen)
            else:
                self._constants[tensor.name] = value
        self._input = graph.input[0].name
        self._nodes = []
        for node in _fused(list(graph.node[:-1])):
            how = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
            self._nodes.append((node.op_type, list(node.input), node.output[0], how))

    def forward(self, x: Tensor) -> Tensor:
        """The logits."""
        values: dict[str, Any] = {self._input: x, **self._constants}
        values |= {name: self.weights[key] for name, key in self._names.items()}
        for kind, inputs, output, how in self._nodes:
            values[output] = _OPERATIONS[kind]([values[name] for name in inputs], how)
        return values[output]

    def learnt(self) -> dict[str, np.ndarray]:
        """The weights that learn, by the graph's names."""
        return {
            name: self.weights[key].detach().numpy()
            for name, key in self._names.items()
            if self.weights[key].requires_grad
        }

    def give(self, weights: Mapping[str, np.ndarray]) -> None:
        """Sets weights by the graph's names."""
        with torch.no_grad():
            for name, value in weights.items():
                self.weights[self._names[name]].copy_(torch.from_numpy(value))

"""The locator: an encoder and a decoder that tell each cell of a photo where on the card it is."""

from __future__ import annotations

import torch
from torch import nn

STRIDE = 8
"""Input pixels per cell of the answer."""


def _step(before: int, after: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _step(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(self.first(x)))


class Locator(nn.Module):
    """N × 3 × S × S in -1 to 1 → N × 3 × S/8 × S/8: mask logit, x and y on the card (-1 to 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            _step(3, 16, 2), _step(16, 32, 2), _step(32, 48, 2), _Residual(48)
        )
        self.middle = nn.Sequential(_step(48, 72, 2), _Residual(72))
        self.coarse = nn.Sequential(_step(72, 96, 2), _Residual(96), _Residual(96))
        # From anywhere to everywhere: which way the card lies is told by all of it together.
        self.whole = nn.Sequential(_step(96, 96, 2), _step(96, 96))
        self.up_coarse = _step(96 + 96, 96, kernel=1)
        self.up_middle = nn.Sequential(_step(96 + 72, 72, kernel=1), _step(72, 72))
        self.up_fine = nn.Sequential(_step(72 + 48, 64, kernel=1), _step(64, 64))
        self.head = nn.Conv2d(64, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = self.fine(x)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        whole = self.whole(coarse)
        coarse = self.up_coarse(torch.cat([_twice(whole), coarse], 1))
        middle = self.up_middle(torch.cat([_twice(coarse), middle], 1))
        return self.head(self.up_fine(torch.cat([_twice(middle), fine], 1)))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return nn.functional.interpolate(x, scale_factor=2, mode="nearest")

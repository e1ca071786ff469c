"""Where a seal's frame ends and its characters begin.

Frames are thin or thick, and some have a second, thin one within the first, which would count as
ink of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]

_USUAL = 0.035  # of the side: a worn frame's width and a little air
_SEGMENTS = 13  # of a line; narrower than a character, so that gaps between those show
_SOLID = 20  # percentile of segments that are dark in a frame: the rest may be worn
_REACH = 0.16  # of the side, within which a frame ends
_THIN = 0.05  # of the side, an inner frame's width at most
_AIR = 0.01  # of the side, what a frame's blurred edge takes
_LIGHT = 0.25  # of a line that is dark at most where it lies beside an inner frame


def rims(ink: Gray) -> tuple[int, int, int, int]:
    """What the frame, or frames, take of each side: pixels at the top, right, bottom and left.

    Args:
        ink: a seal cut out along the outer edge of its frame, square, dark on white.
    """
    dark = ink < 128
    # Each side's lines from the outside in: rotating turns the right side to the top, and so on.
    ends = [_ends(np.rot90(dark, turn)) for turn in range(4)]
    inner = [second - first for first, second in ends if second > first]
    # One side alone is a long stroke. On two or more it is a frame, which has four alike.
    width = round(float(np.median(inner))) if len(inner) > 1 else 0
    top, right, bottom, left = (
        (second if second > first else first + width) if width else first for first, second in ends
    )
    return top, right, bottom, left


def _ends(dark: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Lines from the top to the end of the frame's blurred edge, and to that of an inner frame."""
    side = len(dark)
    reach, air = round(_REACH * side), max(1, round(_AIR * side))
    share, solid = _lines(dark[:reach])
    runs = list(_runs(solid))
    outer = round(_USUAL * side)
    if runs and runs[0][0] <= air:
        outer = runs.pop(0)[1] + air
    end = outer
    for start, stop in runs:
        # Characters may be dark along a line, but not with nothing before and after it.
        before, after = share[end - air : start], share[stop : stop + 2 * air]
        alone = before.size and after.size and max(before.min(), after.min()) < _LIGHT
        if alone and stop - start < _THIN * side:
            end = stop + air
    return outer, end


def _lines(dark: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """How much of each line is dark, and whether it is so all along; without the corners."""
    width = dark.shape[1]
    corner = round(0.1 * width)
    step = (width - 2 * corner) // _SEGMENTS
    inner = dark[:, corner : corner + step * _SEGMENTS]
    segments = inner.reshape(len(dark), _SEGMENTS, step).mean(axis=2)
    return segments.mean(axis=1), np.percentile(segments, _SOLID, axis=1) > 0.5


def _runs(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of true flags."""
    padded = np.concatenate(([False], flags, [False])).astype(np.int8)
    yield from zip(
        np.flatnonzero(np.diff(padded) == 1).tolist(),
        np.flatnonzero(np.diff(padded) == -1).tolist(),
        strict=True,
    )

"""A pinhole camera over a table: where the corners of a flat sheet come to lie."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.specimens.pixels import Light, light

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """How the camera looks at the sheet.

    Attributes:
        width: of the picture in pixels.
        height: likewise.
        tilt: angle between the camera's axis and the table's normal, degrees.
        toward: direction of the tilt in the picture, degrees.
        turn: turn of the sheet in the picture, degrees, clockwise.
        fill: how much of the picture the sheet's outline takes along its tighter side, 0 to 1.
        shift: where the sheet lies in the room left over, -1 to 1 for x and y.
        focal: focal length in picture widths.
    """

    width: int
    height: int
    tilt: float
    toward: float
    turn: float
    fill: float
    shift: tuple[float, float]
    focal: float = 1.1


def _rotation(view: View) -> Matrix:
    toward, tilt, turn = (np.deg2rad(angle) for angle in (view.toward, view.tilt, view.turn))
    axis = np.array([np.cos(toward), np.sin(toward), 0.0]) * tilt
    lean = np.asarray(cv2.Rodrigues(axis)[0], dtype=np.float64)
    spin = np.array(
        [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    )
    return np.asarray(lean @ spin)


def sheet_to_picture(view: View, width: float, height: float) -> Matrix:
    """The homography from a sheet's millimetres (from its top left corner) to pixels."""
    rotation = _rotation(view)
    focal = view.focal * max(view.width, view.height)
    centre = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], float).T
    distance = 4.0 * max(width, height)
    flat = np.eye(3)
    for _ in range(8):  # nearer or farther until it fills the picture as asked
        pose = np.column_stack([rotation[:, 0], rotation[:, 1], [0.0, 0.0, distance]])
        flat = np.diag([focal, focal, 1.0]) @ pose @ centre
        seen = flat @ corners
        spots = seen[:2] / seen[2]
        spread = spots.max(axis=1) - spots.min(axis=1)
        distance *= max(spread[0] / view.width, spread[1] / view.height) / view.fill
    room = (np.array([view.width, view.height]) - spread) / 2
    middle = (spots.max(axis=1) + spots.min(axis=1)) / 2
    target = np.array([view.width, view.height]) / 2 + room * np.array(view.shift)
    move = np.array(
        [[1.0, 0.0, target[0] - middle[0]], [0.0, 1.0, target[1] - middle[1]], [0.0, 0.0, 1.0]]
    )
    return np.asarray(move @ flat)


def resolution(homography: Matrix, x: float, y: float) -> float:
    """Picture pixels per millimetre of the sheet around a point of it (millimetres)."""
    here = homography @ np.array([x, y, 1.0])
    beside = homography @ np.array([x + 1.0, y, 1.0])
    return float(np.hypot(*(beside[:2] / beside[2] - here[:2] / here[2])))


def project(sheet: Light, scale: float, homography: Matrix, view: View) -> Light:
    """The sheet as the camera sees it.

    Args:
        sheet: any number of channels, drawn at ``scale`` pixels per millimetre.
        scale: pixels per millimetre of the sheet.
        homography: from millimetres to picture pixels.
        view: gives the size of the picture.
    """
    matrix = homography @ np.diag([1 / scale, 1 / scale, 1.0])
    middle = (sheet.shape[1] / 2 / scale, sheet.shape[0] / 2 / scale)
    step = resolution(homography, *middle) / scale  # picture pixels per sheet pixel
    if step < 0.8:  # keep fine lines from aliasing
        sheet = light(cv2.GaussianBlur(sheet, (0, 0), 0.42 / step))
    return light(
        cv2.warpPerspective(
            sheet,
            matrix,
            (view.width, view.height),
            flags=cv2.INTER_LINEAR,
            borderValue=(0, 0, 0, 0),
        )
    )

"""The weights' manifest, and that importing loads nothing heavy."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openapi_shim.errors import RecognitionError
from openapi_shim.ocr import weights
from openapi_shim.ocr.weights import (
    DETECTION,
    DETECTION_IF_POOR,
    LOCATING,
    OWN_MODELS,
    READING,
    READING_IF_POOR,
    Weights,
    models_folder,
    read_weights,
    replaced,
)


def test_the_right_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"right")
    wanted = Weights("a.onnx", hashlib.sha256(b"right").hexdigest())
    assert read_weights(wanted, tmp_path) == b"right"


def test_another_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"wrong")
    wanted = Weights("a.onnx", hashlib.sha256(b"right").hexdigest())
    with pytest.raises(RecognitionError, match=r"not the expected ones.*pip install"):
        read_weights(wanted, tmp_path)


def test_a_missing_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(RecognitionError, match=r"cannot be read.*pip install"):
        read_weights(Weights("a.onnx", ""), tmp_path)


@pytest.mark.parametrize("own", [LOCATING, DETECTION_IF_POOR, READING_IF_POOR])
def test_our_own_models_are_small_and_the_ones_that_were_measured(
    tmp_path: Path, own: Weights
) -> None:
    assert len(read_weights(own, OWN_MODELS)) < 10_000_000
    with pytest.raises(RecognitionError, match=r"install that again"):
        read_weights(own, tmp_path)


def test_learnt_weights_take_their_places_and_nothing_else_changes() -> None:
    before = np.arange(6, dtype="<f4")
    changes = BytesIO()
    learnt: dict[str, Any] = {"8": np.array([[20.5, 30.5]], np.float16)}
    np.savez(changes, **learnt)
    after = replaced(b"head" + before.tobytes() + b"tail", changes.getvalue())
    assert (after[:4], after[-4:]) == (b"head", b"tail")
    assert np.frombuffer(after[4:-4], "<f4").tolist() == [0, 20.5, 30.5, 3, 4, 5]


@pytest.mark.parametrize(
    ("shipped", "learnt"), [(DETECTION, DETECTION_IF_POOR), (READING, READING_IF_POOR)]
)
def test_what_was_learnt_fits_the_shipped_model(shipped: Weights, learnt: Weights) -> None:
    content = read_weights(shipped, models_folder())
    patched = replaced(content, read_weights(learnt, OWN_MODELS))
    assert len(patched) == len(content)
    assert patched != content


def test_a_missing_package_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    with pytest.raises(RecognitionError, match=r"not installed.*pip install"):
        models_folder()


def test_importing_the_recognizer_loads_no_runtime() -> None:
    code = (
        "import sys; from openapi_shim.ocr import Recognizer; Recognizer(threads=1); "
        "print([m for m in ('onnxruntime', 'rapidocr') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_the_package_itself_loads_neither_numpy_nor_opencv() -> None:
    code = (
        "import sys; import openapi_shim.ocr; "
        "print([m for m in ('numpy', 'cv2') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"

"""The onnxruntime sessions, with their memory and threads set on purpose."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.weights import (
    DETECTION,
    DETECTION_IF_POOR,
    DIRECTION,
    LOCATING,
    OWN_MODELS,
    READING,
    READING_IF_POOR,
    models_folder,
    read_weights,
    replaced,
)

Floats = npt.NDArray[np.float32]
Model = Callable[[Floats], Floats]
"""One input tensor in, one output tensor out."""


@dataclass(frozen=True)
class Sessions:
    """The models, ready to run. Running them is thread-safe.

    Attributes:
        detection: 1 × 3 × H × W → 1 × 1 × H × W, the probability of text.
        reading: N × 3 × 48 × W → N × W/8 × characters, probabilities.
        direction: N × 3 × 48 × 192 → N × 2, upright or upside down.
        locating: N × 3 × 256 × 256 → N × 3 × 32 × 32, whether a cell lies on the main page
            (logit), and where on it, x and y from -1 to 1.
        characters: what the reading's columns mean; the first is CTC's blank.
    """

    detection: Model
    reading: Model
    direction: Model
    locating: Model
    characters: tuple[str, ...]


def open_sessions(threads: int) -> tuple[Sessions, Sessions]:
    """Loads the weights and builds the sessions that every photo needs; takes half a second.

    Two that few photos need are built when they are first run: the first answer comes sooner.
    All weights are read and checked at once.

    Returns:
        The models as they were shipped, and those trained on poor photos of the card.
    """
    folder = models_folder()
    finder, reader = read_weights(DETECTION, folder), read_weights(READING, folder)
    upright, changes = read_weights(DIRECTION, folder), read_weights(DETECTION_IF_POOR, OWN_MODELS)
    reading = _session(reader, threads)
    listed = reading.get_modelmeta().custom_metadata_map["character"].splitlines()
    shipped = Sessions(
        detection=_model(_session(finder, threads)),
        reading=_model(reading),
        direction=_late(lambda: _session(upright, threads)),
        locating=_model(_session(read_weights(LOCATING, OWN_MODELS), threads)),
        characters=("", *listed, " "),
    )
    reader = replaced(reader, read_weights(READING_IF_POOR, OWN_MODELS))
    return shipped, replace(
        shipped,
        detection=_late(lambda: _session(replaced(finder, changes), threads)),
        reading=_model(_session(reader, threads)),
    )


@cache
def _share_memory() -> None:
    """One arena for all sessions of the process: they run in turns, and each needs most of it."""
    import onnxruntime as ort  # noqa: PLC0415 - half a second, for who reads

    place = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    # -1 and 0 are the runtime's own choices.
    usual = ("initial_chunk_size_bytes", "max_dead_bytes_per_chunk", "arena_extend_strategy")
    ort.create_and_register_allocator(
        place, ort.OrtArenaCfg({"max_mem": 0, **dict.fromkeys(usual, -1)})
    )


def _session(content: bytes, threads: int) -> Any:
    import onnxruntime  # noqa: PLC0415  (half a second: only who reads pays for it)

    _share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The arena saves a fifth of the time; it keeps as much memory as the largest photo needed.
    options.enable_cpu_mem_arena = True
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Patterns are kept for every shape that was ever run, and lines are of many widths.
    options.enable_mem_pattern = False
    # Workers may spin within a run, but not go on while another model has the cores.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _model(session: Any) -> Model:
    name = session.get_inputs()[0].name

    def run(tensor: Floats) -> Floats:
        outputs: list[Floats] = session.run(None, {name: tensor})
        return outputs[0]

    return run


def _late(opened: Callable[[], Any]) -> Model:
    """A model whose session is built when it is first run, once for all threads."""
    lock = threading.Lock()
    waiting = [opened]
    models: list[Model] = []

    def run(tensor: Floats) -> Floats:
        with lock:
            if waiting:
                models.append(_model(waiting[0]()))
                waiting.clear()  # and with it the file's bytes
        return models[0](tensor)

    return run

"""Recognizers for worker processes of tests: the photo's own bytes say what happens.

``fine …`` is read; ``none`` is no licence; ``die`` ends the process; ``hang`` takes for ever;
``wait PATH`` waits until the file PATH is there. Every reading is written to ``seen`` beside
the photo's own name in the folder that ``SEEN`` names, so that a test can count them.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from openapi_shim.errors import ImageError, LicenseNotFoundError
from openapi_shim.ocr.reading import FIELD_NAMES, Field, Reading

SEEN = "TEST_BATCH_SEEN"


class Scripted:
    """Does as the photo says."""

    def load(self) -> None:
        """Nothing is to be loaded."""

    def read(self, data: bytes) -> Reading:
        """Do what the bytes say."""
        text = data.decode("utf-8", "replace")
        _note(text)
        word, _, rest = text.partition(" ")
        if word == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "hang":
            threading.Event().wait()
        if word == "wait":
            _wait_for(Path(rest.partition(" ")[0]))
        if word == "none":
            raise LicenseNotFoundError("No text was found in the image. Is it a driving licence?")
        if word not in {"fine", "wait"}:
            raise ImageError("This is not an image. Send the bytes of a JPEG or PNG photo.")
        return Reading({name: Field(f"{name} of {rest}", 0.9) for name in FIELD_NAMES}, 10, 10)


def scripted(threads: int) -> Scripted:
    """For ``Crewing.factory``."""
    return Scripted()


def broken(threads: int) -> Scripted:
    """A worker that ends while it starts."""
    os._exit(7)


def unloadable(threads: int) -> Scripted:
    """A recognizer without its weights."""
    from openapi_shim.errors import RecognitionError

    raise RecognitionError("The recognizer's weights are not installed. Run: pip install it")


def masked(threads: int) -> Scripted:
    """Loads only where Ctrl+C was held back from the process's begin, and SIGTERM no longer is."""
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return Scripted() if held_back == {signal.SIGINT} else unloadable(threads)


def readings(folder: Path) -> list[str]:
    """What was read so far, in the order of time."""
    return sorted(path.read_text("utf-8") for path in folder.iterdir())


def _note(text: str) -> None:
    folder = os.environ.get(SEEN)
    if folder:
        Path(folder, f"{time.time_ns()}-{os.getpid()}").write_text(text, "utf-8")


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)  # another process makes it

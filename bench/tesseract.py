"""What a user would write with tesseract: its command line, and the same label parser."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO

from bench.plain import Line, parse
from openapi_shim.ocr.reading import FIELD_NAMES

LANGUAGES = ("chi_sim", "eng")
# How the page is taken apart: 12 is text anywhere, in no order, after a look at which end is up. Of
# what a user would try it reads most: docs/recognition.md has what the others came to.
PAGE_MODE = 12
_AT_MOST = 60.0  # seconds: who waits longer for one photo takes it as not read
_WIDE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


def why_missing() -> str:
    """What keeps tesseract from running here and what to do, or nothing."""
    way_out = "install the packages tesseract-ocr and tesseract-ocr-chi-sim (make system)"
    program = shutil.which("tesseract")
    if program is None:
        return f"tesseract is not installed: {way_out}"
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)
    lacking = [name for name in LANGUAGES if name not in listed.stdout.split()]
    return f"tesseract lacks {', '.join(lacking)}: {way_out}" if lacking else ""


class TesseractReader:
    """One process a photo, as the command line works; its start is part of the time.

    Args:
        threads: of OpenMP within tesseract.
    """

    def __init__(self, threads: int) -> None:
        self._command = ["tesseract", "-", "-", "-l", "+".join(LANGUAGES)]
        self._command += ["--psm", str(PAGE_MODE), "tsv"]
        # Threads that wait must not spin: with another load on the machine that took two to five
        # times as long, and tesseract would look worse than it is.
        limits = {"OMP_THREAD_LIMIT": str(threads), "OMP_WAIT_POLICY": "passive"}
        self._environment = {**os.environ, **limits}

    def read(self, data: bytes) -> dict[str, str]:
        """The eleven strings; empty where nothing was found, or it failed, or took too long."""
        try:
            done = subprocess.run(
                self._command,
                input=data,
                capture_output=True,
                env=self._environment,
                timeout=_AT_MOST,
                check=True,
            )
        except subprocess.TimeoutExpired:
            print(f"\ntesseract was ended after {_AT_MOST:.0f} s", file=sys.stderr)
            return dict.fromkeys(FIELD_NAMES, "")
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()
            print(f"\ntesseract ended with {error.returncode}: {said}", file=sys.stderr)
            return dict.fromkeys(FIELD_NAMES, "")
        return parse(lines_of(done.stdout.decode()))


def lines_of(table: str) -> list[Line]:
    """The lines of tesseract's TSV, each with the box around its words."""
    words: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in csv.DictReader(StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and row["text"].strip():  # 5 is a word
            line = (row["block_num"], row["par_num"], row["line_num"])
            words.setdefault(line, []).append(row)
    return [_line(row) for row in words.values()]


def _line(words: Sequence[dict[str, str]]) -> Line:
    left = min(int(word["left"]) for word in words)
    right = max(int(word["left"]) + int(word["width"]) for word in words)
    top = min(int(word["top"]) for word in words)
    bottom = max(int(word["top"]) + int(word["height"]) for word in words)
    text = _joined([word["text"].strip() for word in words])
    return Line(text, left, right, (top + bottom) / 2, bottom - top)


def _joined(words: Sequence[str]) -> str:
    """Words with spaces, but none beside a Chinese character: tesseract takes each for a word."""
    text = words[0]
    for word in words[1:]:
        text += word if _WIDE.match(text[-1]) or _WIDE.match(word[0]) else f" {word}"
    return text

"""How long a new process takes to its first answer: interpreter, imports, weights, one photo.

python -m bench.first_answer [--starts 5]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_PHOTO = Path(__file__).parent.parent / "tests/data/specimens/current_normal.jpg"
_CODE = """
import sys
from openapi_shim.ocr import Recognizer
Recognizer(threads=2).read(open(sys.argv[1], "rb").read())
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: seconds of each start, begin to end of the process."""
    parser = argparse.ArgumentParser(prog="python -m bench.first_answer", description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="how many (default 5)")
    options = parser.parse_args(arguments)
    for _ in range(options.starts):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", _CODE, str(_PHOTO)], check=True)
        print(f"{time.perf_counter() - begin:.2f} s", flush=True)


if __name__ == "__main__":
    main()

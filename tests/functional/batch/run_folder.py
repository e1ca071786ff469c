"""A batch in a process of its own, to be killed: ``python -m …run_folder STATE FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from openapi_shim.batch.folder import Crewing, FolderJob
from openapi_shim.batch.results import Orders
from tests.functional.batch.recognizers import scripted

if __name__ == "__main__":
    state, folder = map(Path, sys.argv[1:])
    job = FolderJob.of(state, folder, Crewing(factory=scripted))
    job.submit(Orders(workers=2), lambda summary: print(summary.done, flush=True))  # noqa: T201

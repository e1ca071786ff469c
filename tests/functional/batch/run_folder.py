"""A batch in a process of its own, to be killed: ``python -m … STATE FOLDER [FACTORY]``.

FACTORY is the name of one in ``recognizers``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from openapi_shim.batch.folder import Crewing, FolderJob
from openapi_shim.batch.results import Orders
from tests.functional.batch import recognizers

if __name__ == "__main__":
    state, folder, *named = sys.argv[1:]
    factory = getattr(recognizers, named[0] if named else "scripted")
    job = FolderJob.of(Path(state), Path(folder), Crewing(factory=factory))
    job.submit(Orders(workers=2), lambda summary: print(summary.done, flush=True))  # noqa: T201

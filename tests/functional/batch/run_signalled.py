"""``openapi-shim``, and a signal where Python drops what is raised.

``python -m … NUMBER ARGUMENTS``: the signal comes in a ``__del__``, right after the command has
first told how far it is.
"""

from __future__ import annotations

import signal
import sys

from openapi_shim.batch.results import Summary
from openapi_shim.cli import main
from openapi_shim.cli.batch_view import Bar


class _Signal:
    def __init__(self, number: int) -> None:
        self._number = number

    def __del__(self) -> None:
        signal.raise_signal(self._number)


if __name__ == "__main__":
    signals = [_Signal(int(sys.argv.pop(1)))]
    show = Bar.show

    def show_and_signal(self: Bar, summary: Summary) -> None:
        show(self, summary)
        signals.clear()

    Bar.show = show_and_signal  # type: ignore[method-assign]
    main()

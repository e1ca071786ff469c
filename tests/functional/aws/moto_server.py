"""moto as a process: its address is the first line, the end of stdin its end."""

from __future__ import annotations

import sys
import threading
from typing import Any
from unittest import mock

from moto.moto_server import threaded_moto_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.server import ThreadedMotoServer


class OneAtATime(DomainDispatcherApplication):
    """moto, with its requests one after another.

    DynamoDB changes a row, and all rows of a transaction, in one step. moto's threads read a
    row, check the condition and write, and may be interrupted between: even plain ``ADD``s get
    lost in moto then, and of two transactions on one row both succeed.
    """

    turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Answer one request while all others wait."""
        with self.turn:
            return list(super().__call__(environ, start_response))


def started_server() -> tuple[ThreadedMotoServer, str]:
    """A server in a thread of this process, and its address."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    with mock.patch.object(threaded_moto_server, "DomainDispatcherApplication", OneAtATime):
        server.start()
    host, port = server.get_host_and_port()
    return server, f"http://{host}:{port}"


def main() -> None:
    """Serve until nobody holds stdin open any more."""
    server, address = started_server()
    print(address, flush=True)  # noqa: T201 - it is for the tests
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()

"""moto as a process: its address is the first line, the end of stdin its end."""

from __future__ import annotations

import sys

from moto.server import ThreadedMotoServer


def main() -> None:
    """Serve until nobody holds stdin open any more."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)  # noqa: T201 - it is for the tests
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()

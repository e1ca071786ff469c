"""The command ``openapi-shim``: one file a command, and the door to them."""

from __future__ import annotations

import sys

# What comes with the extras, by the names they are imported under.
_EXTRAS = frozenset({"typer", "rich", "numpy", "cv2", "onnxruntime", "rapidocr", "PIL"})


def main() -> None:
    """Run the command line; a mistake of the user ends it with one line and exit code 2."""
    from openapi_shim.errors import ConfigError  # noqa: PLC0415 - the door stays light

    try:
        from openapi_shim.cli.app import app  # noqa: PLC0415 - its packages may be missing

        app()
    except ConfigError as error:
        _end(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRAS:
            raise
        _end(
            f"{error.name} is not installed: pip install 'openapi-shim[all]' (Python 3.11 or newer)"
        )


def _end(message: str) -> None:
    sys.stderr.write(f"openapi-shim: {message}\n")
    sys.exit(2)

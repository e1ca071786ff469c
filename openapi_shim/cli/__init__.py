"""The command ``openapi-shim``: one file a command, and the door to them."""

from __future__ import annotations

import sys

# What comes with the extras, by the names they are imported under.
_EXTRAS = frozenset(
    {
        "PIL",
        "boto3",
        "cryptography",
        "cv2",
        "debugpy",
        "google",
        "numpy",
        "onnxruntime",
        "opentelemetry",
        "prometheus_client",
        "rapidocr",
        "redis",
        "rich",
        "typer",
        "watchfiles",
    }
)


def main() -> None:
    """Run the command line; a mistake of the user ends it with one line and exit code 2."""
    from openapi_shim.cli.mistakes import HOW_TO_INSTALL, complain  # a light door
    from openapi_shim.errors import ConfigError, ControlError  # likewise

    try:
        from openapi_shim.cli.app import run  # its packages may be missing

        sys.exit(run())
    except ConfigError as error:
        complain(str(error))
    except ControlError as error:
        complain(str(error))
        sys.exit(1)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRAS:
            raise
        complain(f"{error.name} is not installed: {HOW_TO_INSTALL}")
    sys.exit(2)

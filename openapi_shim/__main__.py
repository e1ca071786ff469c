"""``python -m openapi_shim``: the command line."""

from openapi_shim.cli import main

if __name__ == "__main__":
    main()

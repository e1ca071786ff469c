"""The empty function of the bench, for the emulator."""


def main(event: object, context: object) -> object:  # noqa: ARG001 - it is empty
    """Answer next to nothing."""
    return {"ok": True}

"""The emulator's state as one file: exported, imported, begun anew."""

"""Tencent SCF, which runs CloudBase's functions: its event and context to ``main``."""

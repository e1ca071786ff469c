"""What the platforms take and what they run, as data. Sources: the vendors' pages, see docs/."""

from __future__ import annotations

from dataclasses import dataclass

_MB = 1024 * 1024


@dataclass(frozen=True)
class Platform:
    """Where a function is going to run.

    Attributes:
        name: as on the command line.
        python: version of its Python; None where we choose it ourselves.
        machines: processors it may run on, by their names in ELF files.
        glibc: version of its C library, as (2, 17); None where we choose it ourselves.
        zip_limit: bytes of a package that can be uploaded; None for no limit.
        unpacked_limit: bytes of it unpacked, layers included; None for no limit.
        environment_limit: bytes that a function's variables may have; None for no limit.
        default_timeout: seconds a call may take where nothing is said; None for no limit.
    """

    name: str
    python: tuple[int, int] | None
    machines: tuple[str, ...]
    glibc: tuple[int, int] | None
    zip_limit: int | None
    unpacked_limit: int | None
    environment_limit: int | None
    default_timeout: float | None


# SCF's Python runs on CentOS 7 (glibc 2.17); 50 MB is the bound of CloudBase's own upload, the
# rest are SCF's quotas. A function deployed without a time-out gets 3 s.
CLOUDBASE = Platform(
    name="cloudbase",
    python=(3, 10),
    machines=("x86-64",),
    glibc=(2, 17),
    zip_limit=50 * _MB,
    unpacked_limit=500 * _MB,
    environment_limit=4 * 1024,
    default_timeout=3,
)
# template.yaml chooses the Python; Lambda's 3.11 runs on Amazon Linux 2 (glibc 2.26).
AWS = Platform(
    name="aws",
    python=(3, 11),
    machines=("x86-64", "aarch64"),
    glibc=(2, 26),
    zip_limit=None,  # beyond 50 MB it goes by way of S3, as `sam deploy` does with all
    unpacked_limit=250 * _MB,
    environment_limit=4 * 1024,
    default_timeout=3,
)
# The Dockerfile chooses the Python; requirements are installed while the image is built.
CONTAINER = Platform(
    name="container",
    python=None,
    machines=("x86-64", "aarch64"),
    glibc=None,
    zip_limit=None,
    unpacked_limit=None,
    environment_limit=None,
    default_timeout=None,
)

PLATFORMS = {platform.name: platform for platform in (CLOUDBASE, AWS, CONTAINER)}

# CloudBase, by its own name for it. Its tool knows Python 3.11 too, its documentation does not.
CLOUDBASE_RUNTIME = "Python3.10"
# Base64 of a zip in one request of the manager's API, instead of an upload.
INLINE_LIMIT = 20 * _MB

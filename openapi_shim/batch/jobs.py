"""From what the user names to the job that is meant: of a folder, or of a prefix in S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from openapi_shim.batch.folder import Crewing, FolderJob
from openapi_shim.batch.results import Orders, Progress, Summary
from openapi_shim.settings import Settings

_S3 = "s3://"


class Job(Protocol):
    """A batch, wherever it is read. All raise ``BatchError`` with what to do."""

    @property
    def reads_here(self) -> bool:
        """Whether ``submit`` reads the photos itself, to the end."""

    def submit(self, orders: Orders, progress: Progress) -> Summary:
        """Read what has no result yet, or have it read."""

    def summary(self) -> Summary:
        """How far it is."""

    def lines(self) -> Iterator[str]:
        """The results as JSON lines."""


def job_of(source: str, settings: Settings) -> Job:
    """The job of a folder or of ``s3://bucket/prefix``.

    Raises:
        BatchError: *source* is neither.
    """
    if source.startswith(_S3):
        from openapi_shim.batch.s3_jobs import S3Job  # noqa: PLC0415  (boto3: only S3 pays)

        return S3Job.of(source, settings)
    crewing = Crewing.within(settings.ocr_budget)
    return FolderJob.of(settings.state_dir, Path(source), crewing)


def job_named(name: str, settings: Settings) -> Job:
    """The job called *name*, or that of a folder or of ``s3://bucket/prefix``.

    Raises:
        BatchError: there is none.
    """
    if name.startswith(_S3) or Path(name).is_dir():
        return job_of(name, settings)
    job = FolderJob(settings.state_dir, Path(name).name)
    if name.startswith("s3-") and not job.exists:
        from openapi_shim.batch.s3_jobs import S3Job  # noqa: PLC0415  (likewise)

        return S3Job(name, settings)
    return job

"""The JSON lines of a finished job in S3: written by whoever had the last photo."""

from __future__ import annotations

import json

from openapi_shim.batch.s3_records import results_prefix
from openapi_shim.batch.s3_table import BatchTable
from openapi_shim.stores.aws_requests import AwsRequests

_PART = 8 * 1024 * 1024  # bytes, about; held in memory


async def store_lines(aws: AwsRequests, bucket: str, job: str, table: BatchTable) -> int:
    """Store the results as ``results/<job>/00001.jsonl`` and so on; how many files.

    ``finished.json`` comes last and names them, so whoever waits for it finds all. The same
    results make the same files: it may run twice, also at the same time.

    Raises:
        AwsError: the table or the bucket refuses.
    """
    names: list[str] = []
    part: list[bytes] = []
    size = count = 0

    async def store() -> None:
        name = f"{len(names) + 1:05}.jsonl"
        await aws.put_object(
            bucket, results_prefix(job) + name, b"".join(part), content_type="application/x-ndjson"
        )
        names.append(name)

    async for line in table.lines(job):
        part.append(line.encode() + b"\n")
        size += len(part[-1])
        count += 1
        if size >= _PART:
            await store()
            part, size = [], 0
    if part or not names:
        await store()
    told = json.dumps({"job": job, "photos": count, "files": names}).encode()
    await aws.put_object(
        bucket, results_prefix(job) + "finished.json", told, content_type="application/json"
    )
    return len(names)

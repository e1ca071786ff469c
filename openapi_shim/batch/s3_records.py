"""What the dispatcher and the worker on AWS have in common: messages, and items of the table.

One table, key ``pk`` and ``sk``:

    pk          sk    item
    <job>       <key> a photo: ``tries`` and ``begun`` once it was begun, ``reason`` once a try
                      failed; ``line``, ``etag``, ``failure`` once it has a result
    <job>#job   job   the job: ``done``, ``failed_<code>``; ``total`` once all are listed;
                      ``finished`` once the JSON lines are in S3

Items end by ``ttl``, some days after they were last written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openapi_shim.batch.results import Failure
from openapi_shim.errors import BatchError

DAY = 86_400

Item = dict[str, str | int]
"""Texts and whole numbers of an item."""


@dataclass(frozen=True)
class Message:
    """One message of the queue: read a photo, or look whether the job is finished.

    Attributes:
        job: its name.
        days: for which the job's items are kept.
        bucket: of the photo; empty in the message that ends a listing.
        key: of the photo.
        etag: the photo's when it was listed, with its quotes.
        until: seconds since 1970 after which it no longer waits for a quota or an account: each
            time it waits it becomes a new message, which no limit of SQS's would ever end.
    """

    job: str
    days: int
    until: int
    bucket: str = ""
    key: str = ""
    etag: str = ""

    def body(self) -> str:
        """The message as JSON."""
        # In ASCII: keys may have characters that SQS does not take, as U+FFFF.
        return json.dumps(self.__dict__)

    @classmethod
    def parse(cls, event: Any) -> Message:
        """The message that *event* is.

        Raises:
            BatchError: it is none.
        """
        try:
            message = cls(**event)
            texts = (message.job, message.bucket, message.key, message.etag)
            numbers = (message.days, message.until)
            whole = all(isinstance(text, str) for text in texts) and all(
                isinstance(number, int) for number in numbers
            )
            if whole and message.job and bool(message.bucket) == bool(message.key):
                return message
        except TypeError:
            pass
        raise BatchError(
            "this is no message of a batch: messages are made by openapi-shim batch submit"
        )

    @property
    def of_photo(self) -> bool:
        """Whether it asks for a photo to be read."""
        return bool(self.key)


def job_key(job: str) -> dict[str, str]:
    """The key of the job's own item."""
    return {"pk": f"{job}#job", "sk": "job"}


def photo_key(job: str, key: str) -> dict[str, str]:
    """The key of a photo's item."""
    return {"pk": job, "sk": key}


def results_prefix(job: str) -> str:
    """Where the job's JSON lines lie in the bucket for results."""
    return f"results/{job}/"


def typed(values: Mapping[str, str | int]) -> dict[str, dict[str, str]]:
    """*values* as DynamoDB writes them."""
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in values.items()
    }


def untyped(item: Mapping[str, Mapping[str, str]]) -> Item:
    """Texts and whole numbers of an item as DynamoDB writes them."""
    return {
        name: int(value["N"]) if "N" in value else value.get("S", "")
        for name, value in item.items()
    }


def counter(failure: Failure | None) -> str:
    """The attribute of the job that counts results of this kind."""
    return f"failed_{failure.value}" if failure else "fine"


def failures_of(item: Mapping[str, Any]) -> dict[str, int]:
    """How many photos failed, by code, from the job's item."""
    counts = {failure.value: int(item.get(counter(failure), 0)) for failure in Failure}
    return {code: count for code, count in sorted(counts.items()) if count}

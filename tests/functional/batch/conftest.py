"""The stack in a moto of its own, with a bucket of photos, and its worker."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest

from openapi_shim.aws.adapter import Adapter
from openapi_shim.batch.results import Orders, Summary
from openapi_shim.batch.s3_jobs import S3Job
from openapi_shim.batch.s3_records import DAY
from openapi_shim.batch.s3_worker import Worker
from openapi_shim.batch.setbacks import BEIJING
from openapi_shim.hosting.function import HostedFunction
from openapi_shim.sdk.cloud import Cloud
from openapi_shim.settings import Settings, load_settings
from openapi_shim.stores.aws_requests import AwsRequests
from tests.functional.aws import stack as deployment
from tests.functional.aws.stack import ROOT, STACK, Stack, deploy, for_moto, moto, transformed
from tests.functional.batch.polling import Poller
from tests.functional.batch.wechat import WeChat, wechat_server
from tests.unit.aws.lambda_context import FakeContext

PHOTOS = "photos"


@pytest.fixture(scope="session")
def batch_stack() -> Iterator[Stack]:
    outputs = {
        name: one
        for name, one in json.loads(transformed())["Outputs"].items()
        if name.startswith("Batch")
    }
    with moto() as url, pytest.MonkeyPatch.context() as patch:
        # The others name resources that moto does not have.
        patch.setattr(deployment, "for_moto", lambda: for_moto() | {"Outputs": outputs})
        stack = deploy(url, BatchSourceBucket=PHOTOS)
        stack.client("s3").create_bucket(Bucket=PHOTOS)
        yield stack


@dataclass
class Clock:
    """A clock that the test turns."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Aws:
    """The stack, a prefix of its bucket, and what a test does with them."""

    stack: Stack
    wechat: WeChat
    clock: Clock = field(default_factory=Clock)
    prefix: str = field(default_factory=lambda: f"{uuid.uuid4().hex}/")

    @cached_property
    def sqs(self) -> Any:
        """boto3's client, made once: making one takes a while."""
        return self.stack.client("sqs")

    @cached_property
    def settings(self) -> Settings:
        variables = self.stack.variables("BatchFunction")
        return load_settings(
            environ={name: value for name, value in variables.items() if "BATCH" in name}
            | {
                "OPENAPI_SHIM_AWS_STACK": STACK,
                "OPENAPI_SHIM_BASE_URL": self.wechat.url,
                "OPENAPI_SHIM_TRANSPORT": "https",
                "OPENAPI_SHIM_APPID": "wx1",
                "OPENAPI_SHIM_SECRET": "s",
                "OPENAPI_SHIM_FUNCTION_DIR": str(ROOT),
            }
        )

    @cached_property
    def job(self) -> S3Job:
        name = S3Job.of(f"s3://{PHOTOS}/{self.prefix}", self.settings).name
        return S3Job(name, self.settings, (PHOTOS, self.prefix), clock=self.clock)

    def set_before_midnight(self) -> None:
        """Turn the clock to less than a second before the end of a day in Beijing."""
        self.clock.now = self.clock.now // DAY * DAY + DAY - BEIJING - 0.9

    def put(self, **contents: str) -> None:
        for name, text in contents.items():
            self.put_key(f"{name}.jpg", text)

    def put_key(self, name: str, text: str) -> None:
        self.stack.client("s3").put_object(
            Bucket=PHOTOS, Key=self.prefix + name, Body=text.encode()
        )

    def submit(self, **orders: Any) -> Summary:
        return self.job.submit(Orders(**orders))

    def worker(self, **changed: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """A new instance of the worker, in this process, under the adapter.

        Keywords are settings that it has in place of the stack's.
        """
        cloud = Cloud(settings=self.settings.model_copy(update=changed))
        cloud.init()
        worker = Worker(self.settings, cloud, AwsRequests(self.stack.environ), clock=self.clock)

        async def main(event: Any, context: Any) -> Any:
            return await worker.handle(event)

        adapter = Adapter(HostedFunction("batch", main))
        return lambda event: adapter(event, FakeContext())

    def poller(self, function: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> Poller:
        """What carries messages to *function*, or to a new worker."""
        queue = self.stack.resources["BatchQueue"]
        return Poller(self.sqs, queue, function or self.worker())

    @property
    def dead_letters(self) -> Poller:
        queue = self.stack.resources["BatchDeadLetters"]
        return Poller(self.sqs, queue, lambda event: event)

    def results(self) -> dict[str, Any]:
        """The results by the photos' names, each of which has but one."""
        lines = [json.loads(line) for line in self.job.lines()]
        assert len(lines) == len({line["file"] for line in lines})
        return {line["file"].removeprefix(self.prefix): line for line in lines}

    def stored(self) -> list[str]:
        """The lines that the finished job has in S3."""
        summary = self.job.summary()
        bucket, _, prefix = summary.results.removeprefix("s3://").partition("/")
        s3 = self.stack.client("s3")

        def body(name: str) -> bytes:
            content: bytes = s3.get_object(Bucket=bucket, Key=prefix + name)["Body"].read()
            return content

        finished = json.loads(body("finished.json"))
        lines = b"".join(body(name) for name in finished["files"]).decode().splitlines()
        assert len(lines) == finished["photos"]
        return lines


@pytest.fixture
def aws(batch_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name, value in batch_stack.environ.items():
        monkeypatch.setenv(name, value)
    with wechat_server() as wechat:
        aws = Aws(batch_stack, wechat)
        yield aws
    for poller in (aws.poller(lambda event: event), aws.dead_letters):
        aws.sqs.purge_queue(QueueUrl=poller.queue)

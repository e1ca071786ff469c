"""Direct calls, SQS and EventBridge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from openapi_shim import CloudError, cloud
from openapi_shim.aws.adapter import Adapter
from openapi_shim.errors import InvocationError
from openapi_shim.hosting.function import ResultError
from tests.unit.aws.conftest import Main, batch
from tests.unit.aws.lambda_context import FakeContext

Around = Callable[[Main], Adapter]


def failures(*names: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def test_a_direct_call(adapter: Around) -> None:
    async def main(event: Any, context: Any) -> Any:
        return [event, cloud.getWXContext()]

    called = adapter(main)
    who = {"ENV": "stack", "SOURCE": "aws_invoke"}
    assert called({"a": 1}, FakeContext()) == [{"a": 1}, who]
    assert called(None, FakeContext(cognito_identity="id-7")) == [None, {**who, "OPENID": "id-7"}]


def test_an_error_in_a_direct_call_is_lambdas_to_tell(adapter: Around) -> None:
    def main(event: Any, context: Any) -> Any:
        raise CloudError(101003, "openapi.ocr.driverLicense:fail quota")

    with pytest.raises(CloudError, match="101003"):
        adapter(main)({}, FakeContext())


@pytest.mark.parametrize("result", [float("nan"), {1}])
def test_a_result_that_is_no_json_in_a_direct_call(adapter: Around, result: Any) -> None:
    with pytest.raises(ResultError, match=type(result).__name__):
        adapter(lambda event, context: result)({}, FakeContext())


def test_a_direct_call_out_of_time(adapter: Around) -> None:
    context = FakeContext(seconds=0.26)

    async def slow(event: Any, _: Any) -> Any:
        context.seconds = 0.1
        await asyncio.Event().wait()

    with pytest.raises(InvocationError, match="give it a larger Timeout"):
        adapter(slow)({}, context)


EVENT_BRIDGE = {
    "version": "0",
    "id": "1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "111111111111",
    "time": "2026-11-22T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {"a": 1},
}


def test_event_bridge(adapter: Around) -> None:
    seen: list[Any] = []

    def main(event: Any, context: Any) -> Any:
        seen.append((event, cloud.getWXContext()["SOURCE"]))
        return {"read": "by nobody"}

    assert adapter(main)(EVENT_BRIDGE, FakeContext()) is None
    assert seen == [({"a": 1}, "aws_events")]


def test_an_error_that_nobody_would_read_is_raised(adapter: Around) -> None:
    error = {"errCode": 101003, "errMsg": "quota"}
    with pytest.raises(CloudError, match="quota"):
        adapter(lambda event, context: error)(EVENT_BRIDGE, FakeContext())


def test_every_record_is_an_event(adapter: Around) -> None:
    seen: list[Any] = []

    async def main(event: Any, context: Any) -> Any:
        seen.append((event, cloud.getWXContext()["SOURCE"]))
        return {"errCode": 0}

    assert adapter(main)(batch({"n": 1}, [2]), FakeContext()) == failures()
    assert seen == [({"n": 1}, "aws_sqs"), ([2], "aws_sqs")]


def test_records_that_failed_go_back_alone(
    adapter: Around, caplog: pytest.LogCaptureFixture
) -> None:
    def main(event: Any, context: Any) -> Any:
        if event == "raise":
            raise ValueError("broken")
        return {"errCode": -1, "errMsg": "busy"} if event == "answer" else None

    bodies = ["1", '"raise"', "{secret", '"answer"', "NaN", "2"]
    assert adapter(main)(batch(*bodies), FakeContext()) == failures("m1", "m2", "m3", "m4")
    assert "record m2 is no JSON" in caplog.text
    assert "secret" not in caplog.text


def test_records_without_time_go_back(adapter: Around) -> None:
    context, seen = FakeContext(seconds=10), []

    def main(event: Any, _: Any) -> None:
        seen.append(event)
        context.seconds -= 4.8  # leaves 5.2 s, then 0.4 s

    assert adapter(main)(batch(1, 2, 3, 4), context) == failures("m2", "m3")
    assert seen == [1, 2]


def test_one_record_that_hangs_does_not_take_the_others_along(adapter: Around) -> None:
    context = FakeContext(seconds=1)

    async def main(event: Any, _: Any) -> None:
        if event == 2:
            context.seconds = 0.26  # so that the test need not wait
            await asyncio.Event().wait()

    def time_passes() -> int:
        left, context.seconds = context.seconds, context.seconds - 0.005
        return int(left * 1000)

    context.get_remaining_time_in_millis = time_passes  # type: ignore[method-assign]
    context.seconds = 1.5
    assert adapter(main)(batch(1, 2, 3), context) == failures("m1", "m2")


def test_the_order_of_a_fifo_queue_is_kept(adapter: Around) -> None:
    def main(event: Any, context: Any) -> None:
        assert event != 2

    called = adapter(main)
    assert called(batch(1, 2, 3, queue="x.fifo"), FakeContext()) == failures("m1", "m2")
    assert called(batch(1, 2, 3), FakeContext()) == failures("m1")


@pytest.mark.parametrize(
    "event",
    [
        {"Records": [{"eventSource": "aws:s3", "s3": {}}]},
        {"Records": []},
        {"version": "2.0"},
        {"detail": {"a": 1}},
        "text",
        [1],
        None,
    ],
)
def test_what_nobody_recognizes_goes_through_as_it_is(adapter: Around, event: Any) -> None:
    assert adapter(lambda given, context: given)(event, FakeContext()) == event

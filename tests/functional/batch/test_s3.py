"""A batch in S3: moto's S3, SQS and DynamoDB, the worker under the real adapter."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from pydantic import SecretStr

from openapi_shim.batch.results import State
from openapi_shim.batch.s3_dispatch import Dispatch
from openapi_shim.batch.s3_records import DAY, Message
from openapi_shim.batch.s3_worker import TRIES, Worker
from openapi_shim.errors import BatchError
from openapi_shim.sdk.cloud import Cloud
from openapi_shim.stores.aws_requests import AwsRequests
from tests.functional.batch.conftest import PHOTOS, Aws


def test_a_prefix_becomes_results(aws: Aws) -> None:
    names = [f"p{number:02}" for number in range(13)]  # more than a batch of messages
    aws.put(**{name: f"fine {name}" for name in names}, none="none")
    aws.put_key("深/照 片.JPG", "fine d")
    odd = ("a//b.jpg", "../c.jpg", "+%2F&=?#'\"\\ .jpg", "\uffff.jpg")
    for name in odd:
        aws.put_key(name, "fine odd")
    aws.put_key("notes.txt", "no photo")
    summary = aws.submit()
    assert (summary.state, summary.total, summary.done) == (State.READING, 19, 0)
    assert summary.notes[0] == "19 photos were sent to the queue"
    assert aws.poller().run() == 0
    summary = aws.job.summary()
    assert (summary.state, summary.read, summary.failures) == (
        State.FINISHED,
        18,
        {"no_licence": 1},
    )
    results = aws.results()
    assert results["深/照 片.JPG"]["fields"]["name"] == "a name"
    assert results["none.jpg"]["error"]["reason"].startswith("101001 certificate not found")
    assert len(results) == 19
    assert all(results[name]["fields"] for name in odd)
    assert aws.stored() == list(aws.job.lines())


def test_submitted_again_only_what_is_new_or_changed_is_read(aws: Aws) -> None:
    aws.put(a="fine a", b="none", c="fine c")
    aws.submit()
    aws.poller().run()
    aws.put(b="fine b", d="none d")
    aws.stack.client("s3").delete_object(Bucket=PHOTOS, Key=f"{aws.prefix}c.jpg")
    summary = aws.submit()
    assert summary.notes[0] == "2 photos were sent to the queue"
    assert (summary.total, summary.done) == (4, 2)
    aws.poller().run()
    summary = aws.job.summary()
    assert (summary.state, summary.read, summary.failed) == (State.FINISHED, 3, 1)
    assert [photo.decode() for photo in aws.wechat.photos] == [
        "fine a", "none", "fine c", "fine b", "none d",
    ]  # fmt: skip
    assert len(aws.stored()) == 4


def test_nothing_new_is_nothing_to_do(aws: Aws) -> None:
    aws.put(a="fine a")
    aws.submit()
    aws.poller().run()
    summary = aws.submit()
    assert (summary.state, summary.notes[0]) == (State.FINISHED, "0 photos were sent to the queue")
    assert aws.poller().count() == 0


def test_a_message_that_comes_twice_makes_one_result(aws: Aws) -> None:
    aws.put(a="fine a", b="none")
    aws.submit()
    poller = aws.poller()
    messages = poller.messages()
    assert len(messages) == 3  # two photos, and the end of the listing
    for _ in range(3):
        assert poller.deliver(messages) == []
    summary = aws.job.summary()
    assert (summary.state, summary.done, summary.failed) == (State.FINISHED, 2, 1)
    assert len(aws.wechat.photos) == 2  # nor is one read twice
    assert len(aws.results()) == 2


async def test_a_message_read_by_two_at_one_time_makes_one_result(aws: Aws) -> None:
    aws.put(a="fine a")
    await asyncio.to_thread(aws.submit)
    message = json.loads(Message(aws.job.name, 30, 0, PHOTOS, f"{aws.prefix}a.jpg", '"e"').body())
    # Each is past looking for a result when the others are: only the table can tell them apart.
    aws.wechat.meeting = threading.Barrier(TRIES)
    workers = []
    for _ in range(TRIES):
        cloud = Cloud(settings=aws.settings)
        cloud.init()
        requests = AwsRequests(aws.stack.environ)
        workers.append(Worker(aws.settings, cloud, requests, clock=aws.clock))
    answers = await asyncio.gather(*(worker.handle(message) for worker in workers))
    assert sorted(answer["photo"] for answer in answers) == ["done before"] * 2 + ["kept"]
    assert len(aws.wechat.photos) == TRIES
    summary = await asyncio.to_thread(aws.job.summary)
    assert (summary.done, summary.read, summary.total) == (1, 1, 1)


def test_a_poison_photo_ends_among_the_dead_letters_with_its_reason(aws: Aws) -> None:
    aws.put(a="bad", b="fine b", c="fine c")
    aws.submit()
    poller = aws.poller()
    assert poller.run() >= TRIES
    assert poller.count() == 0
    summary = aws.job.summary()
    assert (summary.state, summary.read, summary.failures) == (State.FINISHED, 2, {"crashed": 1})
    reason = aws.results()["a.jpg"]["error"]["reason"]
    assert f"tried {TRIES} times, at last: errCode: 40066" in reason
    assert aws.wechat.photos.count(b"bad") == TRIES
    dead = aws.dead_letters.messages()
    assert [json.loads(message["Body"])["key"] for message in dead] == [f"{aws.prefix}a.jpg"]
    assert any("1 messages of this stack's jobs are dead letters" in n for n in summary.notes)
    # Mended, it is read again when asked for.
    aws.wechat.photos.clear()
    aws.submit()
    aws.poller().run()
    assert aws.wechat.photos == []
    aws.submit(retry=True)
    aws.poller().run()
    assert aws.wechat.photos.count(b"bad") == TRIES


def test_a_photo_in_work_elsewhere_is_not_given_up(aws: Aws) -> None:
    aws.put(a="fine a")
    aws.submit()
    aws.stack.client("dynamodb").update_item(
        TableName=aws.stack.resources["BatchTable"],
        Key={"pk": {"S": aws.job.name}, "sk": {"S": f"{aws.prefix}a.jpg"}},
        UpdateExpression="SET tries = :tries, begun = :now",
        ExpressionAttributeValues={
            ":tries": {"N": str(TRIES)},
            ":now": {"N": str(int(aws.clock.now))},
        },
    )
    poller = aws.poller()
    assert len(poller.deliver(poller.messages())) == 1
    assert aws.results() == {}


def test_a_photo_that_ends_the_instance_is_given_up_too(aws: Aws) -> None:
    aws.put(a="fine a")
    aws.submit()
    table = aws.stack.client("dynamodb")
    # As after so many instances that ended while they read it: nobody could write down why.
    table.update_item(
        TableName=aws.stack.resources["BatchTable"],
        Key={"pk": {"S": aws.job.name}, "sk": {"S": f"{aws.prefix}a.jpg"}},
        UpdateExpression="SET tries = :tries",
        ExpressionAttributeValues={":tries": {"N": str(TRIES)}},
    )
    aws.poller().run()
    assert aws.wechat.photos == []
    assert "its time or its memory ran out" in aws.results()["a.jpg"]["error"]["reason"]
    assert len(aws.dead_letters.messages()) == 1
    assert aws.job.summary().state is State.FINISHED


@pytest.mark.parametrize("code", [101003, 45009])
def test_when_the_quota_is_used_up_all_waits_and_nothing_is_lost(aws: Aws, code: int) -> None:
    aws.put(**{name: f"fine {name}" for name in "abcdefg"})
    aws.submit()
    aws.set_before_midnight()
    aws.wechat.refusing = code
    function = aws.worker()
    poller = aws.poller(function)
    assert poller.run() == 0
    assert len(aws.wechat.photos) == 1  # the first refusal is enough for the instance
    assert (poller.count(), aws.dead_letters.count()) == (7, 0)
    summary = aws.job.summary()
    assert (summary.state, summary.done) == (State.READING, 0)
    assert any("waits until" in note and str(code) in note for note in summary.notes)
    # The day ends, and what was put back comes by itself.
    aws.wechat.refusing = 0
    aws.clock.now += 2
    while poller.count():
        poller.run()
    assert (aws.job.summary().state, len(aws.results())) == (State.FINISHED, 7)
    assert aws.dead_letters.count() == 0


def test_a_day_without_quota_uses_up_no_try(aws: Aws) -> None:
    aws.put(a="fine a")
    aws.submit()
    message = aws.poller().messages()
    aws.set_before_midnight()
    aws.wechat.refusing = 101003
    for _ in range(TRIES + 3):  # as many instances, on as many days
        assert aws.poller().deliver(message) == []
    aws.wechat.refusing = 0
    assert aws.poller().deliver(message) == []
    assert aws.results()["a.jpg"]["fields"]["name"] == "a name"


def test_a_secret_that_cannot_be_had_is_no_photos_fault(aws: Aws) -> None:
    aws.put(a="fine a")
    aws.submit()
    [photo] = [one for one in aws.poller().messages() if json.loads(one["Body"])["key"]]
    gone = "arn:aws:secretsmanager:us-east-1:123456789012:secret:gone-abcdef"
    for _ in range(TRIES + 1):
        function = aws.worker(secret=SecretStr(""), secret_from=gone)
        assert aws.poller(function).deliver([photo]) == []
    summary = aws.job.summary()
    assert summary.done == 0
    assert any("waits until" in note and "gone-abcdef" in note for note in summary.notes)
    assert aws.poller().deliver([photo]) == []  # no try was used up
    assert aws.results()["a.jpg"]["fields"]["name"] == "a name"


def test_an_error_in_our_own_code_is_told_by_its_name(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("an id number")

    aws.put(a="fine a")
    aws.submit()
    monkeypatch.setattr("openapi_shim.batch.s3_worker._fields", broken)
    aws.poller().run()
    reason = aws.results()["a.jpg"]["error"]["reason"]
    assert "ValueError" in reason
    assert "an id number" not in reason


def test_what_waits_for_ever_ends_among_the_dead_letters(aws: Aws) -> None:
    aws.put(a="fine a")
    aws.set_before_midnight()
    aws.submit()
    aws.wechat.refusing = 101003
    [photo] = [one for one in aws.poller().messages() if json.loads(one["Body"])["key"]]
    aws.clock.now += 29 * DAY
    assert aws.poller().deliver([photo]) == []  # it waits still, as a new message
    aws.clock.now += DAY
    poller = aws.poller()
    assert poller.deliver([photo]) == [photo["MessageId"]]
    assert poller.deliver([photo]) == [photo["MessageId"]]  # nor does the instance put it back
    aws.wechat.refusing = 0
    assert aws.poller().deliver([photo]) == []  # with a new quota it would be read even then
    assert aws.results()["a.jpg"]["fields"]["name"] == "a name"


def test_a_listing_that_was_broken_off_is_told_after_a_while(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    aws.put(a="fine a")
    with monkeypatch.context() as patch:
        patch.setattr(Dispatch, "_close", broken)
        with pytest.raises(KeyboardInterrupt):
            aws.submit()
    assert aws.job.summary().state is State.LISTING
    aws.poller().run()
    aws.clock.now += 3600
    summary = aws.job.summary()  # else `status --wait` would wait for ever
    assert summary.state is State.STOPPED
    assert any("submit again" in note for note in summary.notes)
    aws.submit()
    aws.poller().run()
    assert aws.job.summary().state is State.FINISHED


def test_photos_that_cannot_be_had_are_tried_at_the_next_time(aws: Aws) -> None:
    aws.put(a="fine a", b="fine b")
    aws.submit()
    aws.stack.client("s3").delete_object(Bucket=PHOTOS, Key=f"{aws.prefix}b.jpg")
    aws.poller().run()
    assert aws.results()["b.jpg"]["error"]["code"] == "unreadable"
    aws.put(b="fine b")
    assert aws.submit().notes[0] == "1 photos were sent to the queue"
    aws.poller().run()
    assert aws.job.summary().read == 2


def test_a_photo_beyond_all_bounds(aws: Aws) -> None:
    aws.put(a="fine " + "x" * 10_000_000)
    aws.submit()
    aws.poller().run()
    assert aws.results()["a.jpg"]["error"]["code"] == "not_an_image"
    assert aws.wechat.photos == []


def test_what_is_no_message_of_a_batch_goes_to_the_dead_letters(aws: Aws) -> None:
    poller = aws.poller()
    for body in ('{"job": 1}', '["x"]', '{"job": "j", "days": 1, "until": 9, "key": "k"}'):
        poller.sqs.send_message(QueueUrl=poller.queue, MessageBody=body)
    poller.run()
    assert (poller.count(), aws.dead_letters.count()) == (0, 3)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("s3://", "names no bucket"),
        ("s3://Some_Bucket!/x", "names no bucket"),
        ("s3://another-bucket/x", "deploy it with BatchSourceBucket=another-bucket"),
        (f"s3://{PHOTOS}/nothing/here", "holds no photo: check bucket and prefix"),
    ],
)
def test_a_source_that_cannot_be_submitted(aws: Aws, source: str, words: str) -> None:
    from openapi_shim.batch.results import Orders
    from openapi_shim.batch.s3_jobs import S3Job

    with pytest.raises(BatchError, match=words):
        S3Job.of(source, aws.settings).submit(Orders())


def test_a_stack_that_is_not_there(aws: Aws) -> None:
    from openapi_shim.batch.s3_jobs import S3Job

    settings = aws.settings.model_copy(update={"aws_stack": "none-such"})
    with pytest.raises(BatchError, match=r"the stack none-such does not exist .* --aws-stack"):
        S3Job("s3-x", settings).summary()
    with pytest.raises(BatchError, match="there is no job s3-x in the stack"):
        S3Job("s3-x", aws.settings).summary()

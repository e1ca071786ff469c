"""The stack of ``template.yaml`` as its operator reaches it: boto3, with words for what fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openapi_shim.errors import BatchError, BatchStoppedError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

_INSTALL = "install it: pip install boto3, or pip install '.[aws]' in a checkout of openapi_shim"
_NAMED = {
    "NoSuchBucket": "there is no such bucket: check its name, and the profile's account",
    "AccessDenied": "the profile may not do this: have its policy allow it (docs/batch.md)",
    "AccessDeniedException": "the profile may not do this: have its policy allow it "
    "(docs/batch.md)",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION to it",
    "InvalidBucketName": "this is no name of a bucket",
    "ExpiredToken": "the profile's keys have expired: log in again",
    "ExpiredTokenException": "the profile's keys have expired: log in again",
    "InvalidClientTokenId": "AWS does not know the profile's keys: log in again",
    "UnrecognizedClientException": "AWS does not know the profile's keys: log in again",
}


@dataclass(frozen=True)
class Stack:
    """What a deployed stack has for batches, and clients for it.

    Attributes:
        table: of the results.
        queue: its URL.
        dead_letters: URL of the queue of messages that failed for good.
        source: the bucket whose photos the worker may read.
        results: the bucket for JSON lines.
        days: for which results are kept.
    """

    table: str
    queue: str
    dead_letters: str
    source: str
    results: str
    days: int
    s3: S3Client
    dynamodb: DynamoDBClient
    sqs: SQSClient


_OUTPUTS = {
    "table": "BatchTable",
    "queue": "BatchQueue",
    "dead_letters": "BatchDeadLetters",
    "source": "BatchSource",
    "results": "BatchResults",
    "days": "BatchDays",
}


def open_stack(name: str) -> Stack:
    """The stack called *name*, in the region and with the profile that AWS's tools would use.

    Raises:
        BatchError: boto3 is not installed, or there is no such stack, or one without batches.
    """
    try:
        import boto3  # noqa: PLC0415  (only who has photos in S3 needs it)
    except ModuleNotFoundError as error:
        raise BatchError(f"photos in S3 need boto3: {_INSTALL}") from error
    with told(f"the stack {name}"):
        session = boto3.Session()
        found = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        told_by = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
        values: dict[str, Any] = {key: told_by.get(out, "") for key, out in _OUTPUTS.items()}
        missing = [_OUTPUTS[key] for key, value in values.items() if not value]
        if missing:
            raise BatchError(
                f"the stack {name} has no output {missing[0]}: deploy the template.yaml of this "
                "version, or name the right stack by --aws-stack"
            )
        values["days"] = int(values["days"])
        return Stack(
            **values,
            s3=session.client("s3"),
            dynamodb=session.client("dynamodb"),
            sqs=session.client("sqs"),
        )


@contextmanager
def told(what: str) -> Iterator[None]:
    """boto3's errors within this block, told of *what*, with what to do.

    Raises:
        BatchError: the user can mend it.
        BatchStoppedError: AWS cannot be reached, or refuses for the moment.
    """
    from botocore import exceptions  # noqa: PLC0415  (boto3 was imported before)

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise BatchError(
            "no keys for AWS: log in (aws configure, aws sso login) or set AWS_PROFILE"
        ) from error
    except exceptions.NoRegionError as error:
        raise BatchError("no region of AWS: set AWS_REGION or one in your profile") from error
    except exceptions.ProfileNotFound as error:
        raise BatchError(f"{error}: set AWS_PROFILE to one that exists") from error
    except exceptions.ParamValidationError as error:
        raise BatchError(f"{what}: {str(error).splitlines()[-1]}") from error
    except exceptions.ClientError as error:
        raise _refusal(what, error) from error
    except exceptions.BotoCoreError as error:
        raise BatchStoppedError(
            f"{what}: {error}. Is the network open? Submitted again, it goes on"
        ) from error


def _refusal(what: str, error: Any) -> BatchError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    text = str(error.response.get("Error", {}).get("Message", ""))
    if code == "ValidationError" and "does not exist" in text:
        return BatchError(
            f"{what} does not exist in this account and region: deploy it (docs/aws.md), or name "
            "another by --aws-stack or OPENAPI_SHIM_AWS_STACK"
        )
    if code in _NAMED:
        return BatchError(f"{what}: {_NAMED[code]} ({code})")
    return BatchStoppedError(f"{what}: AWS refuses it: {code} ({text[:200]})")

"""The stack in moto, and its functions as Lambda runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.functional.aws.runtime_api import LambdaProcess
from tests.functional.aws.stack import ROOT, Stack, deploy, moto

StartFunction = Callable[..., LambdaProcess]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The template deployed into a moto of its own, shared by all tests: use keys of your own."""
    with moto() as url:
        yield deploy(url)


@pytest.fixture
def start_function(stack: Stack) -> Iterator[StartFunction]:
    """Starts a function of the stack as Lambda does: ``start_function("UploadsFunction")``.

    Keywords are more environment variables. The instance ends with the test.
    """
    started: list[LambdaProcess] = []

    def start(logical_id: str, **variables: Any) -> LambdaProcess:
        configuration = stack.configuration(logical_id)
        process = LambdaProcess(
            configuration["Handler"],
            # The recognizer that plays WeChat may be slow: no time-out decides a test.
            stack.variables(logical_id)
            | stack.environ
            | {"OPENAPI_SHIM_TIMEOUT": "200"}
            | variables,
            folder=ROOT,
            memory=configuration["MemorySize"],
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()

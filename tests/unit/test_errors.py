"""The error tree and the SDK's text."""

from __future__ import annotations

import pickle

import pytest

from openapi_shim import errors
from openapi_shim.errors import CloudError, ShimError


def test_the_text_is_the_sdks() -> None:
    error = CloudError(-604101, "openapi.ocr.driverLicense:fail no")
    assert str(error) == (
        "errCode: -604101 function has no permission to call this API"
        " | errMsg: openapi.ocr.driverLicense:fail no"
    )


def test_two_spaces_where_a_code_has_no_text() -> None:
    assert str(CloudError(101001, "x")) == "errCode: 101001  | errMsg: x"


def test_a_falsy_code_becomes_minus_one() -> None:
    assert CloudError(0, "x").errCode == -1


def test_what_a_function_returns() -> None:
    assert CloudError(101001, "x").to_dict() == {"errCode": 101001, "errMsg": "x"}


@pytest.mark.parametrize("name", [n for n in vars(errors) if n.endswith("Error")])
def test_one_tree(name: str) -> None:
    assert issubclass(getattr(errors, name), ShimError)


def test_a_cloud_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(CloudError(101001, "x")))  # noqa: S301  (our own bytes)
    assert (error.errCode, error.errMsg) == (101001, "x")

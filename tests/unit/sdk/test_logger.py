"""cloud.logger()."""

from __future__ import annotations

import json

import pytest

from openapi_shim import Cloud, CloudError


def test_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = Cloud()
    with pytest.raises(CloudError, match="please call init first"):
        cloud.logger()
    cloud.init()
    logger = cloud.logger()
    logger.log({"a": "中", "b": b"x"})
    logger.info({"c": 1})
    logger.warn({"d": 2})  # noqa: G010  (the method of the SDK)
    logger.error({"e": 3})
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [{"a": "中", "b": "b'x'"}, {"c": 1}]
    assert [json.loads(line) for line in err.splitlines()] == [{"d": 2}, {"e": 3}]
    with pytest.raises(CloudError, match="log msg must be an object"):
        logger.log("x")  # type: ignore[arg-type]  # the point of the test

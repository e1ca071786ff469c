"""The secret by reference, read from moto in the place of AWS; changed there while we run."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from openapi_shim import Cloud, CloudError

from .conftest import Recorder

REGION = "eu-west-1"
Change = Callable[[str], None]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["secretsmanager", "ssm"])
def kept(
    request: pytest.FixtureRequest, aws: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Change]:
    """A secret's ARN, and what changes it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")  # the ARN's own region counts
    name = f"wechat/{request.node.name}".replace("[", "-").replace("]", "")
    session = boto3.Session("testing", "testing", region_name=REGION)
    if request.param == "ssm":
        ssm = session.client("ssm", endpoint_url=aws)

        def change_parameter(text: str) -> None:
            ssm.put_parameter(Name=f"/{name}", Value=text, Type="SecureString", Overwrite=True)

        change_parameter("old")
        return ssm.get_parameter(Name=f"/{name}")["Parameter"]["ARN"], change_parameter
    manager = session.client("secretsmanager", endpoint_url=aws)
    arn = manager.create_secret(Name=name, SecretString="old")["ARN"]

    def change_secret(text: str) -> None:
        manager.put_secret_value(SecretId=arn, SecretString=text)

    return arn, change_secret


async def test_a_secret_in_aws_and_its_rotation(
    make_cloud: Callable[..., Cloud],
    wechat: Recorder,
    kept: tuple[str, Change],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "openapi_shim")
    arn, change = kept
    change(json.dumps({"appid": "wx9", "secret": "the old secret"}))
    cloud = make_cloud(appid="", secret="", secret_from=arn)
    await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg")
    change(json.dumps({"appid": "wx9", "secret": "the new secret"}))
    wechat.answers = [{"errcode": 42001, "errmsg": "access_token expired"}]
    wechat.token_answers = [{"errcode": 40125, "errmsg": "invalid appsecret"}]
    await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg")
    bodies = [json.loads(seen.body) for seen in wechat.token_requests()]
    assert [body["secret"] for body in bodies] == [
        "the old secret",
        "the old secret",
        "the new secret",
    ]
    assert {body["appid"] for body in bodies} == {"wx9"}
    ours = [item.getMessage() for item in caplog.records if item.name.startswith("openapi_shim")]
    assert "the secret of appid wx9 was refused, asked again with the new one" in ours
    assert not any("old secret" in line or "new secret" in line for line in ours)


async def test_a_secret_that_is_not_there(
    make_cloud: Callable[..., Cloud], kept: tuple[str, Change]
) -> None:
    arn = kept[0].replace("wechat", "nothing")
    with pytest.raises(CloudError, match="the secret cannot be read from arn:aws") as caught:
        await make_cloud(secret="", secret_from=arn).openapi.ocr.driverLicense(imgUrl="http://h/1")
    assert caught.value.errCode == -501009
    assert "NotFound" in caught.value.errMsg

"""All settings: one frozen model, made once and handed down.

Flag > environment (``OPENAPI_SHIM_<NAME>``) > the function's config.json > the project's
config.json (both under the key ``openapi_shim``) > default.
"""

# No `from __future__ import annotations` here: pydantic would compile every annotation anew at
# each import, a third of what the model costs a cold start.

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError

from openapi_shim.config_file import config_files, read_config
from openapi_shim.errors import ConfigError

ENV_PREFIX = "OPENAPI_SHIM_"

# The platform's own variables that stand for one of ours.
_ALIASES = {"WX_CLOUDBASE_ACCESSTOKEN": "cloudbase_access_token"}


class TokenEndpoint(str, Enum):
    """Which of WeChat's two endpoints gives the access token."""

    STABLE = "stable_token"
    PLAIN = "token"


class ImageUrlPolicy(str, Enum):
    """Which addresses an image URL may lead to."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    ANY = "any"


class TransportKind(str, Enum):
    """By which way the SDK's calls leave."""

    AUTO = "auto"
    HTTPS = "https"
    CLOUDBASE = "cloudbase"
    RECOGNIZER = "recognizer"


class LogForm(str, Enum):
    """How a server writes its log."""

    TEXT = "text"
    JSON = "json"


class OtherHosts(str, Enum):
    """What becomes of a proxy's client that wants another host than WeChat's."""

    REFUSE = "refuse"
    PASS = "pass"  # noqa: S105 - no password


class UpstreamMode(str, Enum):
    """What becomes of calls to WeChat's API that come to the emulator."""

    OFF = "off"
    PASS = "pass"  # noqa: S105 - no password
    RECORD = "record"
    REPLAY = "replay"


Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(BaseModel):
    """Settings of the SDK and of the emulator."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # The SDK
    transport: TransportKind = Field(
        TransportKind.AUTO,
        description="How calls leave: https (WeChat's server API), cloudbase (the cloud "
        "environment's gateway), recognizer (driving licences are read in this process), or auto: "
        "cloudbase where the platform gives keys to sign with, but https for openapi where "
        "credentials of WeChat are configured.",
    )
    base_url: HttpUrl = Field(
        HttpUrl("https://api.weixin.qq.com"),
        description="Where the SDK sends its HTTPS calls: WeChat, or an emulator.",
    )
    appid: str = Field("", description="Appid of the mini-program, for access tokens.")
    secret: SecretStr = Field(SecretStr(""), description="Secret of that appid.")
    secret_from: str = Field(
        "",
        description="Where that secret is kept, read on first use: arn:aws:secretsmanager:…, "
        "arn:aws:ssm:…:parameter/…, or file:/run/secrets/NAME.",
    )
    token_endpoint: TokenEndpoint = Field(
        TokenEndpoint.STABLE,
        description="Endpoint for access tokens: stable_token, or token.",
    )
    access_token: SecretStr = Field(
        SecretStr(""), description="A fixed access token, used as it is and never renewed."
    )
    cloudbase_access_token: SecretStr = Field(
        SecretStr(""), description="A cloudbase_access_token (WeChat CloudRun), used as it is."
    )
    cloudbase_access_token_file: Path = Field(
        Path("/.tencentcloudbase/wx/cloudbase_access_token"),
        description="File in which WeChat CloudRun keeps a fresh cloudbase_access_token.",
    )
    tokenless: bool = Field(
        False,
        description="Call WeChat without an access token, over plain http, as WeChat CloudRun's "
        "open-interface service has it.",
    )
    timeout: Seconds = Field(15.0, description="Seconds one cloud call may take, repeats included.")
    connect_timeout: Seconds = Field(5.0, description="Seconds to open a connection.")
    retries: int = Field(
        2, ge=0, le=10, description="Repeats of a call that did not arrive or met errcode -1."
    )
    idempotency: float = Field(
        0.0,
        ge=0,
        le=7 * 86400,
        description="Seconds for which the same photo by the same caller gets the answer it got "
        "before and is not charged again; 0: never.",
    )
    calls_per_day: int = Field(
        0,
        ge=0,
        description="Charged calls a day, midnight in Beijing, of all that share the store; "
        "0: as many as WeChat allows.",
    )
    function_dir: Path | None = Field(
        None,
        description="Folder of the running function, whose config.json holds its permissions; "
        "else that of the file which calls cloud.init.",
    )
    # A secret, since the URL of a Redis server may hold its password.
    store: SecretStr = Field(
        SecretStr(""),
        description="Where processes and hosts share state (access token, quota, answers kept): "
        "sqlite:FILE, redis://…, rediss://… or dynamodb:TABLE; empty: in the memory of the "
        "process, and for the emulator a SQLite file in state_dir.",
    )
    function: str = Field(
        "",
        description="Function that runs on AWS: the name of its folder in functions_dir, or "
        "module:attribute.",
    )
    bucket: str = Field(
        "", description="S3 bucket that keeps the files of cloud storage, for functions on AWS."
    )
    aws_stack: str = Field(
        "openapi-shim", description="CloudFormation stack that reads batches of photos in S3."
    )
    batch_table: str = Field(
        "", description="DynamoDB table of the results of batches, for the stack's worker."
    )
    batch_queue: str = Field("", description="URL of the queue of batches, for the stack's worker.")
    batch_bucket: str = Field(
        "", description="S3 bucket for the JSON lines of finished batches, for the stack's worker."
    )

    # The emulator
    host: str = Field("127.0.0.1", description="Address the emulator listens on.")
    port: int = Field(8420, ge=0, le=65535, description="Its port; 0 takes a free one.")
    functions_dir: Path = Field(Path("functions"), description="Folder of the cloud functions.")
    state_dir: Path = Field(
        Path(".openapi-shim"),
        description="Folder of what the emulator keeps: tokens, quota, stored files.",
    )
    storage_file_limit: int = Field(
        100 * 1024 * 1024, ge=1, description="Bytes one file in cloud storage may have."
    )
    function_timeout: Seconds = Field(
        3.0, description="Seconds an invocation may take when the function's config.json is silent."
    )
    function_memory: int = Field(
        256, ge=16, le=65536, description="Megabytes a function's process may use, by default."
    )
    function_concurrency: int = Field(
        10, ge=1, le=256, description="Processes one function may have at a time, by default."
    )
    function_idle: Seconds = Field(
        60.0, description="Seconds after which a process that nobody calls is ended."
    )
    watch: bool = Field(True, description="Load a function anew when its files change.")
    inspect: int | None = Field(
        None,
        ge=1024,
        le=65000,
        description="Port for a debugger of the first function; the next ones get the next "
        "ports, and time-outs are off.",
    )
    emulator_appid: str = Field(
        "", description="The only appid the emulator accepts; empty accepts any."
    )
    emulator_secret: SecretStr = Field(
        SecretStr(""), description="The only secret the emulator accepts; empty accepts any."
    )
    emulator_env: str = Field(
        "", description="The only cloud environment the emulator knows; empty accepts any."
    )
    gateway_secret_id: str = Field(
        "", description="Id of the key that requests to the gateway must be signed with."
    )
    gateway_secret_key: SecretStr = Field(
        SecretStr(""), description="That key; empty: the emulator checks no signature."
    )
    seed: int | None = Field(
        None,
        description="Makes tokens and request ids the same ones in every run: for tests, since "
        "whoever knows the number knows them.",
    )
    faults: Path | None = Field(
        None, description="A JSON file with rules of faults that the emulator starts with."
    )
    seed_file: Path | None = Field(
        None,
        description="A file made by openapi-shim state export: an emulator that has no state "
        "begins with it, and a reset goes back to it.",
    )
    proxy_others: OtherHosts = Field(
        OtherHosts.REFUSE,
        description="Clients that take the emulator for their HTTPS proxy and want another host "
        "than WeChat's: refuse them, or pass them on (from this machine only).",
    )
    upstream: UpstreamMode = Field(
        UpstreamMode.OFF,
        description="What becomes of calls to WeChat's API: off (the emulator answers), pass (the "
        "real WeChat answers; photos leave this machine), record (likewise, and its answers are "
        "kept), or replay (what was kept answers).",
    )
    upstream_url: HttpUrl = Field(
        HttpUrl("https://api.weixin.qq.com"), description="Where that real WeChat is."
    )
    recording: Path = Field(
        Path("recording.jsonl"), description="File of what is recorded and replayed, JSON lines."
    )
    recording_raw: bool = Field(
        False,
        description="Record answers readable, licence data and all, in place of their form alone.",
    )
    daily_quota: int = Field(
        100, ge=0, description="Recognitions a day and appid before 101003, as WeChat gives free."
    )
    bought_quota: int = Field(
        0,
        ge=0,
        description="Recognitions bought for each appid, in all; they are spent when the day's are "
        "used up, and midnight does not bring them back.",
    )
    strict: bool = Field(
        False, description="Refuse what WeChat does not document, as GET for recognition (43002)."
    )
    image_urls: ImageUrlPolicy = Field(
        ImageUrlPolicy.LOOPBACK,
        description="Addresses an img_url may lead to: public, loopback (public and this "
        "machine), or any (private networks too). The transport recognizer takes public unless "
        "this is set.",
    )
    image_url_timeout: Seconds = Field(
        10.0, description="Seconds the emulator spends on downloading an image."
    )
    ocr_threads: int = Field(2, ge=1, le=64, description="Threads for recognizing one photo.")
    ocr_budget: Seconds = Field(
        15.0,
        description="Seconds after which no further look at a poor photo begins: what was read by "
        "then is the answer.",
    )

    # A server of one's own
    processes: int | None = Field(
        None,
        ge=1,
        le=256,
        description="Processes of openapi-shim serve, each with its own weights; by default one a "
        "core, each with one thread for a photo.",
    )
    admin_host: str = Field("127.0.0.1", description="Address of serve's health and metrics.")
    admin_port: int = Field(
        8421, ge=0, le=65535, description="Port of serve's health and metrics; 0 takes a free one."
    )
    grace: Seconds = Field(
        20.0, description="Seconds that requests under way get when serve is told to stop."
    )
    open_doors: bool = Field(
        False,
        description="Let serve accept any appid and secret, and whatever else the emulator lets "
        "a developer do.",
    )
    public_url: HttpUrl | None = Field(
        None,
        description="Where clients reach serve; without it, it gives nobody outside access to "
        "cloud storage.",
    )
    log: LogForm = Field(
        LogForm.TEXT, description="Form of serve's log: text, or json (an object a line)."
    )
    otlp_endpoint: HttpUrl | None = Field(
        None,
        description="Where serve sends traces, as http://collector:4318/v1/traces; without it "
        "there are none.",
    )
    cloudrun: bool = Field(
        False,
        description="Serve behind WeChat CloudRun: POST /NAME runs a function, for the caller "
        "whom the platform's X-WX headers name.",
    )


def load_settings(
    *,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    function_dir: Path | None = None,
) -> Settings:
    """Settings from all their sources, the strongest first.

    Args:
        flags: values by setting name; None values are skipped.
        environ: the environment; the process's own by default.
        function_dir: folder from which config.json files are looked for.

    Raises:
        ConfigError: a value is of the wrong kind, unknown, or a secret stands in config.json.
            The text names its source and never shows a secret.
    """
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for source, name, value in _sources(
        flags or {}, os.environ if environ is None else environ, function_dir
    ):
        if name not in values:
            values[name], origin[name] = value, source
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        raise ConfigError(f"{origin.get(name, name)}: {first['msg']}") from error


def unknown_variables(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Variables that look like ours and are none, each with the name that may be meant, or ""."""
    known = [name.upper() for name in Settings.model_fields]
    given = sorted(name[len(ENV_PREFIX) :] for name in environ if name.startswith(ENV_PREFIX))
    found = [(name, get_close_matches(name, known, n=1)) for name in given if name not in known]
    return [(ENV_PREFIX + name, ENV_PREFIX + near[0] if near else "") for name, near in found]


def _sources(
    flags: Mapping[str, Any], environ: Mapping[str, str], function_dir: Path | None
) -> Iterator[tuple[str, str, Any]]:
    """Every (source, setting, value), the strongest first."""
    for name, value in flags.items():
        if value is not None:
            yield "the flag --" + name.replace("_", "-"), name, value
    variables = {ENV_PREFIX + name.upper(): name for name in Settings.model_fields}
    for variable, name in (variables | _ALIASES).items():
        if environ.get(variable):
            yield variable, name, environ[variable]
    start = flags.get("function_dir") or environ.get(ENV_PREFIX + "FUNCTION_DIR") or function_dir
    if start is None:
        return
    for path in config_files(Path(start)):
        for name, value in read_config(path).openapi_shim.items():
            _refuse_secret(path, name)
            yield f"{path}: openapi_shim.{name}", name, value


def _refuse_secret(path: Path, name: str) -> None:
    field = Settings.model_fields.get(name)
    if field is None:
        known = ", ".join(Settings.model_fields)
        raise ConfigError(f"{path}: openapi_shim.{name} is no setting; known are {known}")
    if field.annotation is SecretStr:
        raise ConfigError(
            f"{path}: openapi_shim.{name} is a secret: keep it out of files that are committed "
            f"and set {ENV_PREFIX}{name.upper()} instead"
        )

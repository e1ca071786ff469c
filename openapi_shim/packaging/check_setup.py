"""Checks of what stands around a function's code: time-outs, runtimes, sizes, credentials."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from openapi_shim.credentials.choose import is_configured
from openapi_shim.credentials.cloudbase import has_keys
from openapi_shim.errors import ConfigError
from openapi_shim.packaging.cloudbase import ENTRY
from openapi_shim.packaging.cloudbaserc import FILE_NAME as RC_NAME
from openapi_shim.packaging.cloudbaserc import HANDLER, NAME
from openapi_shim.packaging.contents import SECRET
from openapi_shim.packaging.findings import Finding, error, warning
from openapi_shim.packaging.platforms import CLOUDBASE, CLOUDBASE_RUNTIME, Platform
from openapi_shim.packaging.subject import Subject
from openapi_shim.settings import ENV_PREFIX, Settings, TransportKind, load_settings

_MB = 1024 * 1024
# Seconds in which a photo is read at the latest, by docs/recognition.md (p95 under 2 s on two
# cores that others share), with a cold start, a token and the photo's own way besides.
RECOGNITION_SECONDS = 5
_CONSOLE_SECONDS = 60  # the console's and the documented bound; SCF itself goes to 900
_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE|_KEY$", re.IGNORECASE)
_PLACEHOLDER = "{{"


def check_setup(subject: Subject, platform: Platform, called: set[str]) -> Iterator[Finding]:
    """Findings about *subject*, whose code calls the operations *called*.

    Raises:
        ConfigError: its config.json cannot be used.
    """
    yield from _sizes(subject, platform)
    yield from _secrets(subject)
    if platform is CLOUDBASE:
        yield from _name(subject)
        yield from _runtime(subject)
        yield from _devtools(subject)
        yield from _entry(subject)
        yield from _variables(subject)
    settings = _settings(subject)
    if isinstance(settings, Finding):
        yield settings
    elif called:
        yield from _timeout(subject, platform, called, settings)
        yield from _credentials(subject, platform, settings)


def _settings(subject: Subject) -> Settings | Finding:
    try:
        return load_settings(environ=_known(subject.variables), function_dir=subject.folder)
    except ConfigError as problem:
        return error(
            "settings",
            subject.shown,
            "its settings cannot be used",
            str(problem),
            "mend that setting; README.md lists them",
        )


def _known(variables: Mapping[str, str]) -> dict[str, str]:
    """*variables* without those whose values, no mere text, only ``tcb`` will know."""
    texts = {
        ENV_PREFIX + name.upper()
        for name, setting in Settings.model_fields.items()
        if setting.annotation in {str, SecretStr}
    }
    return {
        name: value
        for name, value in variables.items()
        if name in texts or _PLACEHOLDER not in value
    }


def _sizes(subject: Subject, platform: Platform) -> Iterator[Finding]:
    if subject.packed:
        size = sum(path.stat().st_size for path in subject.whole.rglob("*") if path.is_file())
    else:
        size = subject.contents.size
    sizes = [("it has", size, platform.unpacked_limit)]
    if subject.archive:
        sizes.append(("the zip has", subject.archive.stat().st_size, platform.zip_limit))
    for what, has, limit in sizes:
        if limit and has > limit:
            yield error(
                "too-large",
                subject.shown,
                f"{what} {has / _MB:.1f} MB",
                f"{platform.name} takes {limit / _MB:.0f} MB",
                f"leave files out by `ignore` in {RC_NAME}, or deploy an image",
            )


def _secrets(subject: Subject) -> Iterator[Finding]:
    for left in subject.contents.left_out:
        if left.why == SECRET:
            yield warning(
                "secret-file",
                subject.at(subject.folder / left.path),
                "a file of secrets in the function's folder",
                "`openapi-shim package` leaves it out, but other tools upload the folder whole",
                "keep it outside, and give secrets as environment variables",
            )


def _name(subject: Subject) -> Iterator[Finding]:
    if not re.match(NAME, subject.name):
        yield error(
            "function-name",
            subject.shown,
            f"the function is called {subject.name!r}",
            "names there have 2 to 60 letters, digits, - and _, begin with a letter and end with "
            "a letter or a digit",
            "rename its folder",
        )


def _runtime(subject: Subject) -> Iterator[Finding]:
    if not subject.is_python:
        return
    for runtime, where in (
        (subject.config.runtime, subject.at(subject.folder / "config.json")),
        (subject.deployed.runtime if subject.deployed else "", RC_NAME),
    ):
        if runtime and runtime.lower() != CLOUDBASE_RUNTIME.lower():
            yield error(
                "runtime",
                where,
                f"runtime is {runtime}",
                "the package's wheels and byte code are for Python 3.10: the newest that "
                "CloudBase documents, and the oldest on which the SDK runs",
                f'set "runtime": "{CLOUDBASE_RUNTIME}"',
            )


def _entry(subject: Subject) -> Iterator[Finding]:
    """What cloudbaserc.json says of a function, against what its package needs."""
    entry = subject.deployed
    if entry is None or not subject.is_python:
        return
    if entry.handler != HANDLER:
        yield error(
            "handler",
            RC_NAME,
            f"handler is {entry.handler}",
            "the package's entry is another: the platform would not find it, or go past it",
            f'set "handler": "{HANDLER}"',
        )
    if entry.install_dependency:
        yield warning(
            "install-dependency",
            RC_NAME,
            "installDependency is true",
            "the platform installs packages for Node.js alone",
            'set "installDependency": false: the package has all of them',
        )
    missing = sorted(set(subject.config.variables) - set(subject.variables))
    if missing:
        yield error(
            "variables-missing",
            subject.at(subject.folder / "config.json"),
            f"{', '.join(missing)} is set here, and not in {RC_NAME}",
            "tcb deploys the variables of its own file alone",
            f"set it in envVariables of {entry.name} in {RC_NAME} too",
        )


def _devtools(subject: Subject) -> Iterator[Finding]:
    """WeChat's developer tools upload the folder that project.config.json names, for Node.js."""
    if not subject.is_python or subject.packed:
        return
    folder = subject.folder.resolve()
    for place in folder.parents:
        path = place / "project.config.json"
        if path.is_file():
            root = _functions_root(path)
            if root and folder.is_relative_to((place / root).resolve()):
                yield warning(
                    "devtools-runtime",
                    str(path),
                    f"its cloudfunctionRoot {root!r} holds this Python function",
                    "WeChat's developer tools deploy and debug functions in Node.js alone",
                    "keep Python functions in another folder, and deploy them by "
                    "`openapi-shim package cloudbase` and `tcb fn deploy`",
                )
            return


def _functions_root(path: Path) -> str:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return ""
    root = data.get("cloudfunctionRoot") if isinstance(data, dict) else ""
    return root if isinstance(root, str) else ""


def _variables(subject: Subject) -> Iterator[Finding]:
    variables = subject.variables
    if variables:
        yield warning(
            "variables-replaced",
            RC_NAME if subject.deployed and subject.deployed.env_variables else subject.shown,
            f"{len(variables)} environment variables are deployed",
            "they replace all that are set online: one set in the console alone is gone then",
            "list all of them",
        )
    for name, value in variables.items():
        if _SECRET_NAME.search(name) and value and _PLACEHOLDER not in value:
            yield error(
                "secret-in-file",
                RC_NAME,
                f"the value of {name} stands in a file that is committed",
                "whoever reads the repository has it",
                f'write "{{{{env.{name}}}}}" there, and the value into .env.local, which tcb reads',
            )


def _timeout(
    subject: Subject, platform: Platform, called: set[str], settings: Settings
) -> Iterator[Finding]:
    seconds = subject.timeout or platform.default_timeout
    if seconds is None:
        return
    said = f"{seconds:g} s" if subject.timeout else f"nothing said, so {seconds:g} s"
    where = RC_NAME if subject.deployed else subject.at(subject.folder / "config.json")
    fix = f'set "timeout": {round(settings.timeout) + 5} there'
    if seconds < RECOGNITION_SECONDS and any(name.startswith("ocr.") for name in called):
        yield error(
            "timeout-short",
            where,
            f"time-out: {said}",
            f"recognition, with a cold start and a token, may take {RECOGNITION_SECONDS} s",
            fix,
        )
    elif seconds <= settings.timeout:
        yield warning(
            "timeout-short",
            where,
            f"time-out: {said}",
            f"a cloud call may take {settings.timeout:g} s: the platform ends the function before "
            "the SDK can say what went wrong",
            fix,
        )
    if platform is CLOUDBASE and seconds > _CONSOLE_SECONDS:
        yield warning(
            "timeout-long",
            where,
            f"time-out: {said}",
            f"CloudBase documents {_CONSOLE_SECONDS} s at most (SCF itself goes to 900)",
            f"set {_CONSOLE_SECONDS} or less",
        )


def _credentials(subject: Subject, platform: Platform, settings: Settings) -> Iterator[Finding]:
    where = subject.at(subject.folder / ENTRY)
    half = bool(settings.appid) != bool(settings.secret.get_secret_value())
    if half:
        there, missing = ("APPID", "SECRET") if settings.appid else ("SECRET", "APPID")
        yield error(
            "credentials",
            where,
            f"{ENV_PREFIX}{there} is set, {ENV_PREFIX}{missing} is not",
            "one is nothing without the other",
            f"set {ENV_PREFIX}{missing} too",
        )
    https = settings.transport is TransportKind.HTTPS
    if https and platform is CLOUDBASE and not half and not is_configured(settings):
        yield error(
            "credentials",
            where,
            "the transport is https, and no credentials are deployed with the function",
            "WeChat's server API needs an access token",
            f'add {ENV_PREFIX}APPID and {ENV_PREFIX}SECRET ("{{{{env.…}}}}") to envVariables '
            f"in {RC_NAME}, or take the transport cloudbase, which needs none there",
        )
    if platform is CLOUDBASE and settings.transport is TransportKind.RECOGNIZER:
        yield error(
            "recognizer",
            where,
            "the transport is recognizer",
            "its packages have no wheels for the platform's C library (glibc 2.17)",
            "call WeChat by cloudbase or https, or run the recognizer in a container: "
            "docs/self-hosting.md",
        )
    gateway = settings.transport is TransportKind.CLOUDBASE
    if gateway and platform is not CLOUDBASE and not has_keys(subject.variables):
        yield error(
            "credentials",
            where,
            "the transport is cloudbase, and there are no keys to sign with",
            f"CloudBase gives them to its own functions; {platform.name} does not",
            "take the transport https with appid and secret, or give TENCENTCLOUD_SECRETID "
            "and TENCENTCLOUD_SECRETKEY",
        )

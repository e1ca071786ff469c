"""Who calls the gateway: a running function by its token, or a process outside the workers."""

from __future__ import annotations

import re
from pathlib import Path

from openapi_shim.emulator.gateway.invocations import Caller, InvocationTokens
from openapi_shim.errors import GatewayError
from openapi_shim.permissions import PermissionList, load_permissions

_ENV = re.compile(r"[a-z0-9_-]{1,40}")  # what the SDKs take for an environment's name
_SCF = "scf"


class Identities:
    """Tells callers by their tokens, and what they may do.

    Args:
        tokens: of the invocations that run.
        project: folder whose config.json holds for a process outside the workers.
        appid: of the emulated account, on whose behalf such a process works.
        env: the emulator's own environment.
        only_env: whether it is the only one known.
    """

    def __init__(
        self,
        tokens: InvocationTokens,
        *,
        project: Path,
        appid: str,
        env: str,
        only_env: bool = False,
    ) -> None:
        self._tokens = tokens
        self._project = project
        self._outside = Caller("", None, appid=appid)
        self._env = env
        self._only_env = only_env

    def caller(self, token: str) -> Caller:
        """Who sent *token*; without one it is a process outside the workers.

        Raises:
            GatewayError: INVALID_REQUEST_SOURCE, the token is forged or its invocation over.
        """
        if not token:
            return self._outside
        caller = self._tokens.lookup(token)
        if caller is None:
            raise GatewayError(
                "INVALID_REQUEST_SOURCE",
                "illegal source of invocation",
                self._tokens.why_refused(token),
            )
        return caller

    def permissions(self, caller: Caller) -> PermissionList:
        """What *caller* may call; outside the workers what the project's config.json says now.

        Raises:
            ConfigError: that file cannot be used.
        """
        return caller.permissions or load_permissions(self._project)

    def env(self, *candidates: str) -> str:
        """The first of *candidates* that is not empty, else the emulator's own environment.

        Raises:
            GatewayError: INVALID_ENV, it cannot name an environment, or is not the emulator's.
        """
        env = next(filter(None, candidates), self._env)
        if env == self._env:
            return env
        if not _ENV.fullmatch(env):
            raise GatewayError(
                "INVALID_ENV",
                "Env invalid",
                f"{env[:60]!r} is no name of a cloud environment (a-z, 0-9, - and _, at most 40)",
            )
        if self._only_env:
            raise GatewayError(
                "INVALID_ENV",
                "Env invalid",
                f"the environment {env!r} is not known here; the emulator was started for "
                f"{self._env!r} (OPENAPI_SHIM_EMULATOR_ENV)",
            )
        return env


def chained(source: str) -> str:
    """SOURCE of a function that a function with *source* calls: ``wx_client,scf``."""
    return f"{source},{_SCF}" if source else _SCF

"""One call to WeChat's API as the services see it, whoever carried it here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from openapi_shim.errors import WeChatError
from openapi_shim.wechat.tokens import TokenService

TOKEN_PARAMETERS = ("access_token", "cloudbase_access_token", "authorizer_access_token")
"""Names under which a token may come in the query, the first that is present counting."""

Before = Callable[[str, str], Awaitable[None]]
"""Asked before an operation is carried out, with its name and the appid that calls; it refuses by
a ``WeChatError``."""


@dataclass(frozen=True)
class Upload:
    """A file, or a plain field, of a multipart body.

    Attributes:
        content: its bytes.
        has_filename: whether it came as a file; a plain field has none.
    """

    content: bytes = field(repr=False)
    has_filename: bool = True


@dataclass(frozen=True)
class Body:
    """What a body held, as far as an operation with one image cares.

    Attributes:
        kind: ``nothing``, ``multipart``, ``form``, ``json`` or, in words, what else it was.
        img: the part or field ``img`` of a multipart body.
        names: names of all the fields found.
        problem: why the body could not be used; empty when it could.
        size: its bytes, as declared or as far as they were read.
        cut: it was longer than the reader's limit and not read to its end.
    """

    kind: str = "nothing"
    img: Upload | None = None
    names: tuple[str, ...] = ()
    problem: str = ""
    size: int = 0
    cut: bool = False


@dataclass
class Call:
    """One call.

    Attributes:
        method: of HTTP, in upper case.
        query: the query's parameters, percent-decoded once.
        read_body: reads the body; called after the token has been checked, at most once.
        appid: who calls; empty until the token has been checked.
    """

    method: str
    query: Mapping[str, str]
    read_body: Callable[[], Awaitable[Body]]
    appid: str = ""


async def authenticate(query: Mapping[str, str], tokens: TokenService) -> str:
    """The appid behind the access token in *query*.

    Raises:
        WeChatError: 41001 there is none, 40014 it has not the form of one, 40001 it is unknown or
            superseded, 42001 expired.
        StoreError: the store of tokens cannot be reached.
    """
    for name in TOKEN_PARAMETERS:
        if query.get(name):
            return await tokens.check(query[name])
    empty = [name for name in TOKEN_PARAMETERS if name in query]
    if empty:
        raise WeChatError(41001, f"{empty[0]} in the query is empty")
    raise WeChatError(
        41001,
        "the query has no access_token: put ?access_token=… into the URL; in a header or in the "
        "body it does not count",
    )

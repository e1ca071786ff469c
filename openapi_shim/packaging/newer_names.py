"""Names of the standard library by the Python they came with. Source: its documentation."""

from __future__ import annotations

# Module names, and names in modules, that Python 3.10 lacks.
SINCE: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        (
            "BaseExceptionGroup", "ExceptionGroup", "asyncio.Barrier", "asyncio.Runner",
            "asyncio.TaskGroup", "asyncio.timeout", "asyncio.timeout_at", "contextlib.chdir",
            "datetime.UTC", "enum.EnumCheck", "enum.ReprEnum", "enum.StrEnum", "enum.member",
            "enum.nonmember", "enum.verify", "hashlib.file_digest", "logging.getHandlerByName",
            "logging.getLevelNamesMapping", "math.cbrt", "math.exp2", "operator.call",
            "sys.exception", "tomllib", "typing.LiteralString", "typing.Never",
            "typing.NotRequired", "typing.Required", "typing.Self", "typing.TypeVarTuple",
            "typing.Unpack", "typing.assert_never", "typing.assert_type",
            "typing.clear_overloads", "typing.dataclass_transform", "typing.get_overloads",
            "typing.reveal_type", "wsgiref.types",
        ),
        (3, 11),
    ),
    **dict.fromkeys(
        (
            "asyncio.eager_task_factory", "calendar.Day", "calendar.Month",
            "collections.abc.Buffer", "inspect.getasyncgenstate", "inspect.markcoroutinefunction",
            "itertools.batched", "math.sumprod", "sys.monitoring", "typing.TypeAliasType",
            "typing.override",
        ),
        (3, 12),
    ),
    **dict.fromkeys(
        (
            "asyncio.QueueShutDown", "copy.replace", "dbm.sqlite3", "math.fma", "queue.ShutDown",
            "typing.NoDefault", "typing.ReadOnly", "typing.TypeIs", "warnings.deprecated",
        ),
        (3, 13),
    ),
}  # fmt: skip

# Modules of Python 3.10's library that a newer one no longer has.
REMOVED = frozenset(
    {
        "aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils",
        "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes",
        "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
    }
)  # fmt: skip

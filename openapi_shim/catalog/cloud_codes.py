"""Error codes of the cloud SDK, as data: number to text.

Seen in wx-server-sdk 4.0.2, 3.0.4 and 2.6.3. -602018 is the SDK's own slip (it means -601018),
kept since users look for what their SDK prints.
"""

from __future__ import annotations

_TEXTS = {
    -1: "unknown error",
    -404001: "empty call result",
    -404002: "empty event id",
    -404003: "empty poll url",
    -404004: "empty poll result json",
    -404005: "exceed max poll retry",
    -404006: "empty poll result base resp",
    -404007: "error while polling for the result, poll result base resp ret %s",
    -404008: "error while polling for the result, polling server return a status code of %s",
    -404009: "error while polling for the result: %s",
    -601001: "system error",
    -601002: "system args error",
    -601003: "system network error",
    -601004: "api permission denied",
    -601005: "invalid cloudID",
    -601006: "cloudID expired",
    -601007: "cloudID and calling user does not match",
    -601008: "server-side request timedout",
    -601009: "missing mobile phone",
    -601010: "no write permission",
    -601011: "no privilege permission",
    -601012: "unauthorized env",
    -601013: "no multiend permission",
    -601015: "access denied (cloudfunction cloudbase_auth returns empty errCode)",
    -601016: "missing env auth info",
    -601017: "access denied (cloudbase_auth returns non-zero errCode)",
    -602001: "database query result size exceed limit (1MB)",
    -604001: "cloudfunction result size exceed limit (1MB)",
    -604100: "API not found",
    -604101: "function has no permission to call this API",
    -604102: "call open API timeout",
    -604103: "call open API system error",
    -604104: "illegal source of invocation",
    -501001: "resource system error",
    -501002: "resource server timeout",
    -501003: "exceed request limit",
    -501004: "exceed concurrent request limit",
    -501005: "invalid env",
    -501006: "invalid common parameters",
    -501007: "invalid parameters",
    -501008: "invalid request source",
    -501009: "resource not initialized",
    -502001: "database request fail",
    -502002: "database invalid command",
    -502003: "database permission denied",
    -502004: "database exceed collection limit",
    -502005: "database collection not exists",
    -503001: "storage request fail",
    -503002: "storage permission denied",
    -503003: "storage file not exists",
    -503004: "storage invalid sign parameter",
    -504001: "functions request fail",
    -504002: "functions execute fail",
    -602018: "unauthorized API",
}

# What the gateway answers as a word: word to number. Two of the words are misspelt there.
_GATEWAY_CODES = {
    "SUCCESS": 0,
    "SYS_ERR": -501001,
    "SERVER_TIMEOUT": -501002,
    "EXCEED_REQUEST_LIMIT": -501003,
    "EXCEED_CONCURRENT_REQUEST_LIMIT": -501004,
    "INVALIID_ENV": -501005,
    "INVALID_COMMON_PARAM": -501006,
    "INVALID_PARAM": -501007,
    "INVALID_REQUEST_SOURCE": -501008,
    "RESOURCE_NOT_INITIAL": -501009,
    "DATABASE_REQUEST_FAILED": -502001,
    "DATABASE_INVALID_OPERRATOR": -502002,
    "DATABASE_PERMISSION_DENIED": -502003,
    "DATABASE_COLLECTION_EXCEED_LIMIT": -502004,
    "DATABASE_COLLECTION_NOT_EXIST": -502005,
    "STORAGE_REQUEST_FAIL": -503001,
    "STORAGE_EXCEED_AUTHORITY": -503002,
    "STORAGE_FILE_NONEXIST": -503003,
    "STORAGE_SIGN_PARAM_INVALID": -503004,
    "FUNCTIONS_REQUEST_FAIL": -504001,
    "FUNCTIONS_EXECUTE_FAIL": -504002,
}

UNKNOWN_ERROR = -1
TCB_RESOURCE_SYSTEM_ERROR = -501001
TCB_INVALID_PARAM = -501007
TCB_RESOURCE_NOT_INITIALIZED = -501009
WX_SYSTEM_ERROR = -601001
OPENAPI_NOT_FOUND = -604100
OPENAPI_NO_PERMISSION = -604101


def cloud_code_text(code: int) -> str:
    """The SDK's text for *code*, or an empty string, as the SDK has it."""
    return _TEXTS.get(code, "")


def gateway_code(word: object) -> int:
    """The number for the gateway's *word*; a word nobody knows counts as SYS_ERR."""
    known = _GATEWAY_CODES.get(word) if isinstance(word, str) else None
    return TCB_RESOURCE_SYSTEM_ERROR if known is None else known

"""Error codes of the cloud SDK, as data: number to text.

Seen in wx-server-sdk 4.0.2, 3.0.4 and 2.6.3. -602018 is the SDK's own slip (it means -601018),
kept since users look for what their SDK prints.
"""

from __future__ import annotations

_TEXTS = {
    -1: "unknown error",  # UNKNOWN_ERROR
    -404001: "empty call result",  # SDK_FUNCTIONS_EMPTY_CALL_RESULT
    -404002: "empty event id",  # SDK_FUNCTIONS_EMPTY_EVENT_ID
    -404003: "empty poll url",  # SDK_FUNCTIONS_EMPTY_POLL_URL
    -404004: "empty poll result json",  # SDK_FUNCTIONS_EMPTY_POLL_RESULT_JSON
    -404005: "exceed max poll retry",  # SDK_FUNCTIONS_EXCEED_MAX_POLL_RETRY
    -404006: "empty poll result base resp",  # SDK_FUNCTIONS_EMPTY_POLL_RESULT_BASE_RESP
    -404007: "error while polling for the result, poll result base resp ret %s",  # SDK_FUNCTIONS_POLL_RESULT_BASE_RESP_RET_ABNORMAL
    -404008: "error while polling for the result, polling server return a status code of %s",  # SDK_FUNCTIONS_POLL_RESULT_STATUS_CODE_ERROR
    -404009: "error while polling for the result: %s",  # SDK_FUNCTIONS_POLL_ERROR
    -601001: "system error",  # WX_SYSTEM_ERROR
    -601002: "system args error",  # WX_SYSTEM_ARGS_ERROR
    -601003: "system network error",  # WX_SYSTEM_NETWORK_ERROR
    -601004: "api permission denied",  # WX_API_PERMISSION_DENIED
    -601005: "invalid cloudID",  # WX_INVALID_CLOUDID
    -601006: "cloudID expired",  # WX_CLOUDID_EXPIRED
    -601007: "cloudID and calling user does not match",  # WX_CLOUDID_USER_NOT_MATCH
    -601008: "server-side request timedout",  # WX_SERVER_REQUEST_TIMEOUT
    -601009: "missing mobile phone",  # WX_MISSING_MOBILE_PHONE
    -601010: "no write permission",  # WX_NO_WRITE_PERMISSION
    -601011: "no privilege permission",  # WX_NO_PRIVILEGE_PERMISSION
    -601012: "unauthorized env",  # WX_UNAUTHORIZED_ENV
    -601013: "no multiend permission",  # WX_NO_MULTIEND_PERMISSION
    -601015: "access denied (cloudfunction cloudbase_auth returns empty errCode)",  # WX_CLOUDBASE_AUTH_RETURN_EMPTY_ERRCODE
    -601016: "missing env auth info",  # WX_MISSING_ENV_AUTH_INFO
    -601017: "access denied (cloudbase_auth returns non-zero errCode)",  # WX_CLOUDBASE_AUTH_RETURN_NON_ZERO_ERRCODE
    -602001: "database query result size exceed limit (1MB)",  # WX_DATABASE_QUERY_SIZE_EXCEED_LIMIT
    -604001: "cloudfunction result size exceed limit (1MB)",  # WX_CLOUDFUNCTION_RESULT_SIZE_EXCEED_LIMIT
    -604100: "API not found",  # WX_FUNCTIONS_SERVER_OPENAPI_NOT_FOUND
    -604101: "function has no permission to call this API",  # WX_FUNCTIONS_SERVER_OPENAPI_NO_PERMISSION
    -604102: "call open API timeout",  # WX_FUNCTIONS_SERVER_OPENAPI_TIMEOUT
    -604103: "call open API system error",  # WX_FUNCTIONS_SERVER_OPENAPI_SYSTEM_ERROR
    -604104: "illegal source of invocation",  # WX_FUNCTIONS_SERVER_OPENAPI_ILLEGAL_INVOCATION_SOURCE
    -501001: "resource system error",  # TCB_RESOURCE_SYSTEM_ERROR
    -501002: "resource server timeout",  # TCB_RESOURCE_SERVER_TIMEOUT
    -501003: "exceed request limit",  # TCB_EXCEED_REQUEST_LIMIT
    -501004: "exceed concurrent request limit",  # TCB_EXCEED_CONCURRENT_REQUEST_LIMIT
    -501005: "invalid env",  # TCB_INVALID_ENV
    -501006: "invalid common parameters",  # TCB_INVALID_COMMON_PARAM
    -501007: "invalid parameters",  # TCB_INVALID_PARAM
    -501008: "invalid request source",  # TCB_INVALID_REQUEST_SOURCE
    -501009: "resource not initialized",  # TCB_RESOURCE_NOT_INITIALIZED
    -502001: "database request fail",  # TCB_DB_REQUEST_FAIL
    -502002: "database invalid command",  # TCB_DB_INVALID_COMMAND
    -502003: "database permission denied",  # TCB_DB_PERMISSION_DENIED
    -502004: "database exceed collection limit",  # TCB_DB_EXCEED_COLLECTION_LIMIT
    -502005: "database collection not exists",  # TCB_DB_COLLECTION_NOT_EXISTS
    -503001: "storage request fail",  # TCB_STORAGE_REQUEST_FAIL
    -503002: "storage permission denied",  # TCB_STORAGE_PERMISSION_DENIED
    -503003: "storage file not exists",  # TCB_STORAGE_FILE_NOT_EXISTS
    -503004: "storage invalid sign parameter",  # TCB_STORAGE_INVALID_SIGN_PARAM
    -504001: "functions request fail",  # TCB_FUNCTIONS_REQUEST_FAIL
    -504002: "functions execute fail",  # TCB_FUNCTIONS_EXEC_FAIL
    -602018: "unauthorized API",
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

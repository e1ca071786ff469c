"""The differences that may be between the Node SDKs and ours, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.conformance.differential.compare import Difference

V4, V3 = "4.0.2", "3.0.4"
BOTH = (V4, V3)


@dataclass(frozen=True)
class Justified:
    """A difference that may be, and must be.

    Attributes:
        what: differs, in a few words.
        why: it is right so.
        where: pattern of its place.
        versions: of the Node SDK that it is a difference to.
        cases: pattern of the cases it is met in.
        theirs: pattern of what the Node SDK has there, as Python shows it.
        ours: pattern of what ours has there.
    """

    what: str
    why: str
    where: str
    versions: tuple[str, ...] = BOTH
    cases: str = ".*"
    theirs: str = ".*"
    ours: str = ".*"

    def covers(self, version: str, case: str, difference: Difference) -> bool:
        """Whether this is the reason of *difference*."""
        return version in self.versions and all(
            re.fullmatch(pattern, text, re.DOTALL)
            for pattern, text in (
                (self.where, difference.where),
                (self.cases, case),
                (self.theirs, repr(difference.theirs)),
                (self.ours, repr(difference.ours)),
            )
        )


_ERROR = r"result\.error\.(errCode|errMsg|code)"
_ENGINE = (
    r".*(Cannot |Unexpected |RangeError|must be of type|call stack|before first tag|invalid wire"
    r"|unknown response|is a required argument|循环引用).*"
)

JUSTIFIED: tuple[Justified, ...] = (
    # --- requests ---
    Justified(
        "the names in `User-Agent` and `X-SDK-Version`",
        "They tell who calls; ours is another SDK and says so.",
        r"request\[\d\]\.header\.(user-agent|x-sdk-version)",
    ),
    Justified(
        "a `/` in the `env` and `seqId` of the query",
        "Ours encodes it as `%2F`; the Node SDK 4.0.2 sends it as it is, which means the same.",
        r"request\[0\]\.query\.(env|seqId)",
        cases="identity/(odd env|sequence).*",
        ours=".*%2F.*",
        versions=(V4,),
    ),
    Justified(
        "the signature over an `env` with other letters than an environment's name has",
        "The Node SDK 4.0.2 signs another query than it sends; ours is valid.",
        r"request\[0\]\.signature\.valid",
        cases="identity/odd env.*",
        theirs="False",
        ours="True",
        versions=(V4,),
    ),
    Justified(
        "names that every JavaScript object inherits (`constructor`, `toString`, `__proto__`)",
        "The Node SDK loses or replaces their values; in Python they are names like any other.",
        r"request\[0\]\.body\.requestData\.pairs\[\d\]\.(key|value)",
        cases="key/(inherited|__proto__).*",
    ),
    Justified(
        "a file whose `value` is no `Buffer`: base64 text, a `Buffer`'s JSON form, a `bytearray`",
        "Python has several kinds of bytes, and bytes become these on their way through an event: "
        "ours sends the file where the Node SDK sends JSON that WeChat answers with 41005.",
        r"request\[0\]\.body\.requestData\.pairs\[\d\]\.(value|filename)",
        cases="media/(base64 value|a buffer's JSON|uint8array).*",
    ),
    Justified(
        "parameters that are no object (an array, a text, a number)",
        "The Node SDK sends their characters and indexes as parameters; ours says what to pass.",
        "request|result",
        cases="value/(array|text|number)",
    ),
    Justified(
        "integers beyond 2^53 as a function's event",
        "`JSON.stringify` refuses a `BigInt`; Python's `int` has no bounds and is sent whole.",
        "request|result",
        cases="function/big integer .*",
    ),
    Justified(
        "`getOpenData` with a `list` that is no list of texts",
        "Ours says so; the Node SDK takes a text for a list of letters, or fails within.",
        r"request|result|" + _ERROR,
        cases="open data/(text|numbers)",
    ),
    Justified(
        "`eventId` in query and body, no `env` in the query, what is signed",
        "The protocol of 3.0.4; ours speaks that of 4.0.2.",
        r"request\[0\]\.(query\.(eventId|env|seqId)|signature\.params|body\.eventId|order.*)",
        versions=(V3,),
    ),
    Justified(
        "uploads: PUT instead of a form by POST",
        "As 4.0.2 does it.",
        r"request\[0\]\.body\.method|request\[1\].*",
        cases="storage.*uploadFile.*",
        versions=(V3,),
    ),
    Justified(
        "calls without an `env`, and `X-TCB-Source` outside of a function",
        "As 4.0.2 has them: the call is sent, and the platform decides.",
        r"request|result|request\[0\]\.header\.x-tcb-source",
        cases="identity/(no env|not in a function).*",
        versions=(V3,),
    ),
    # --- results ---
    Justified(
        "the order of the members of a result",
        "Ours keeps the order of WeChat's answer; a JavaScript object puts numbers first and "
        "renamed members last.",
        r"result\.value.* order",
        cases="answer/mixed-.*",
    ),
    Justified(
        "integers beyond 15 digits in an answer whose names are converted",
        "The Node SDK takes its own `BigNumber` apart into `{s, e, c}`; ours is an `int`.",
        r"result\.value.*",
        theirs=r"\{'s': .*, 'e': .*, 'c': .*\}",
        ours=r"\{'\$bigint': .*\}",
    ),
    Justified(
        "WeChat's answer is JSON, but no object",
        "Ours gives it as `result`; the Node SDK spreads letters and elements, or fails within.",
        r"result(\.value\.(\d|result))?",
        cases="answer/(application/json|text/plain): (array|number|string|true|null)",
    ),
    Justified(
        "numbers that are no JSON (`01`), or too large for a float (`1e400`)",
        "The Node SDK's JSON reader takes the one and refuses the other; Python's the other way.",
        r"result(\.value\.(a|result))?",
        cases="answer/(.*: zero in front|huge)",
    ),
    Justified(
        "numbers: `-0`, more than 15 digits after the point, integers beyond 2^53",
        "Python reads `-0` as `0`, a float as the nearest one and an integer exactly; the Node "
        "SDK makes a `BigNumber` of the one, and of a function's result the nearest float.",
        r"result\.value\.(a|b|c|result)",
        cases="answer/(small|long) float|function answer/result-14",
    ),
    Justified(
        "a function that answers nothing",
        "Python has `None` for `undefined`.",
        r"result\.value\.result",
        theirs=r"\{'\$undefined': True\}",
        ours="None",
    ),
    # --- errors ---
    Justified(
        "`str()` of an error",
        "Ours has one form for all, that of `CloudSDKError`; in Node it depends on which layer "
        "threw.",
        r"result\.error\.string",
        theirs="'<errMsg>'",
        ours="'errCode: .*<errMsg>'",
    ),
    Justified(
        "numbers of the errors of functions and storage",
        "4.0.2 lost them: all are -1. Ours has those of 3.0.4.",
        r"result\.error\.errCode",
        cases="(function|storage).*",
        versions=(V4,),
        theirs="-1",
        ours=r"-50\d{4}",
    ),
    Justified(
        "`code` of the errors of functions and storage: a word of the gateway, or of the network",
        "It says the same as the number that ours has in `errCode`, or as the text.",
        r"result\.error\.code",
        cases="(function|storage|open data|unreachable).*",
        theirs=r"'[A-Z_]+'|\d{3}",
        ours=r"'\(absent\)'",
    ),
    Justified(
        "texts of the errors of functions and storage",
        "Ours begin with the number, as in 3.0.4.",
        r"result\.error\.errMsg",
        cases="(function|storage).*",
        versions=(V4,),
        ours=r"'\w+:fail -50\d{4} .*'",
    ),
    Justified(
        "numbers of the errors of `uploadFile` and `downloadFile`",
        "3.0.4 has none (-1) for them; ours has that of the gateway's word, as for all others.",
        r"result\.error\.errCode",
        cases="storage answer.*(uploadFile|downloadFile).*",
        versions=(V3,),
        theirs="-1",
        ours=r"-50\d{4}",
    ),
    Justified(
        "texts of the same errors",
        "Ours begin with that number, and tell the cause where 3.0.4 has `undefined`.",
        r"result\.error\.errMsg",
        cases="storage answer.*(uploadFile|downloadFile).*",
        versions=(V3,),
        ours=r"'\w+:fail -50\d{4} .*'",
    ),
    Justified(
        "an answer with another status than 200: the number in `code`, a blank too many",
        "As 4.0.2 has it for cloud calls.",
        r"result\.error\.(errMsg|code)",
        versions=(V3,),
        theirs=r"\d{3}|'.*(fail|\.)  \d{3} .*'",
    ),
    Justified(
        "texts of a gateway's errors to cloud calls",
        "As 4.0.2 has them: with number and name.",
        r"result\.error\.errMsg",
        cases="(answer|open data)/(unknown )?gateway error",
        versions=(V3,),
        theirs=r"'(ocr\.driverLicense|ApiGetOpenDataByCloudId):fail .*'",
    ),
    Justified(
        "`requestId` of a gateway's error",
        "Ours keeps it wherever the gateway told one.",
        r"result\.error\.requestId",
        theirs="'\\(absent\\)'",
    ),
    Justified(
        "the class of an error about options that are no object",
        "A wrong argument's class in Python is `TypeError`; the text is the same.",
        r"result\.error\.(class|string)",
        cases="options/no object .*",
    ),
    Justified(
        "texts about answers that no gateway gives: noise, pages, JSON of another shape",
        "The Node SDK tells what its own JavaScript stumbled over; ours says what was wrong.",
        r"result\.error\.(errMsg|errCode)",
        theirs=_ENGINE,
    ),
    Justified(
        "the number of the same errors, and of a value that contains itself",
        "What fails within the Node SDK has no number (-1); ours has that of its kind.",
        r"result\.error\.errCode",
        cases="(answer|open data)/JSON null|answer/errmsg object|value/cycle",
        theirs="-1",
    ),
    Justified(
        "an upload that the object store answers with status 500 and no text",
        "The Node SDK ignores the status and reports success; in ours it is the error that it is.",
        r"result",
        cases="storage answer/uploadFile 500",
        theirs=r".*uploadFile:ok.*",
    ),
    Justified(
        "an `errcode` that is `true`",
        "`str()` of the error shows it as Python writes it.",
        r"result\.error\.string",
        cases="answer/errcode true",
    ),
    Justified(
        "an empty `appid` among the options of `cloud.openapi`",
        "Ours sends no `appid`; the Node SDK sends an empty one.",
        r"request\[0\]\.body\.requestData\.bytes",
        cases="options/10",
    ),
    Justified(
        "an error without a text",
        "In the Node SDK it ends with the word `undefined` or `Error`; ours ends there.",
        r"result\.error\.errMsg",
        theirs=r"'.*(undefined|Error)'",
        ours=r"'.*(:fail|\.|requestID \w+,) '",
    ),
    Justified(
        "a long answer of WeChat that is no JSON, in an error's text",
        "Ours shows 200 characters of it; an answer may hold what no log should.",
        r"result\.error\.errMsg",
        cases="answer/application/json: binary",
    ),
)


def table() -> str:
    """The table of the documentation."""
    rows = ["| what differs | from | why |", "|---|---|---|"]
    rows += [f"| {item.what} | {' and '.join(item.versions)} | {item.why} |" for item in JUSTIFIED]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201

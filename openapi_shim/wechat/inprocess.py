"""The transport ``recognizer``: cloud calls answered in this process, as the emulator answers.

No network and no account is needed for a photo; only an ``imgUrl`` is downloaded. There is no
quota of its own: ``Settings.calls_per_day`` guards it as any other transport.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from openapi_shim.catalog.operations import Operation
from openapi_shim.errors import ConfigError, RecognitionError, ShimError, WeChatError
from openapi_shim.settings import ENV_PREFIX, ImageUrlPolicy, Settings
from openapi_shim.transports.admission import Admission
from openapi_shim.transports.base import (
    ActionCall,
    ActionReply,
    OpenApiCall,
    ParameterError,
    PlatformCall,
    Reply,
    Upload,
)
from openapi_shim.transports.download import Downloader
from openapi_shim.transports.encoding import encode_query
from openapi_shim.transports.parameters import server_parameters
from openapi_shim.transports.sending import within
from openapi_shim.wechat.answers import Answer, Answers
from openapi_shim.wechat.calls import Body, Call
from openapi_shim.wechat.calls import Upload as UploadedImage
from openapi_shim.wechat.ids import RandomIds
from openapi_shim.wechat.late import LateRecognizer
from openapi_shim.wechat.ocr import OPERATION, DriverLicenseService
from openapi_shim.wechat.recognition import RecognitionQueue

_log = logging.getLogger(__name__)

_CONTENT_TYPE = "application/json; encoding=utf-8"  # WeChat's own, spelling included
# The callers are tasks of one function, which wait for themselves: each has its time limit.
_WAITING = 10_000


class InProcessTransport:
    """A ``Transport`` over the recognizer in this process.

    The weights are loaded by the first photo, or by :meth:`load`, once per process.

    Args:
        settings: ``function_dir`` for what the function may call, ``timeout``, ``ocr_threads``,
            and where an image URL may lead to: public addresses, unless ``image_urls`` is set.
        recognition: reads photos; by default the one of the process.
    """

    def __init__(self, settings: Settings, *, recognition: RecognitionQueue | None = None) -> None:
        self._settings = settings
        self._admission = Admission(settings)
        self._recognition = recognition or _recognition(settings.ocr_threads, settings.ocr_budget)
        self._answers = Answers(RandomIds())
        # The emulator's default lets this machine in. Here a URL comes from strangers, and what
        # listens on this machine may be the platform's own.
        chosen = "image_urls" in settings.model_fields_set
        policy = settings.image_urls if chosen else ImageUrlPolicy.PUBLIC
        self._service = DriverLicenseService(
            quota=None,
            fetcher=Downloader(policy, timeout=settings.image_url_timeout),
            recognition=self._recognition,
        )

    async def load(self) -> None:
        """Load the recognizer's weights, so that the first photo need not wait for it.

        Raises:
            ConfigError: they, or the libraries for them, are not installed.
        """
        try:
            await self._recognition.load()
        except (ImportError, RecognitionError) as error:
            raise _not_installed(error) from error

    async def openapi(self, call: OpenApiCall) -> Reply:
        """WeChat's answer; see ``Transport.openapi``. ``Settings.timeout`` bounds it."""
        operation = self._admission.operation(call.operation)
        limit = self._settings.timeout
        try:
            values: Mapping[str, str] = await within(
                limit, self._values(call, operation), f"no answer within {limit:g} s"
            )
        except WeChatError as error:
            answer = self._answers.error(error)
            _log.info("%s: %d because %s", call.operation, answer.errcode, answer.reason)
        except (ImportError, RecognitionError) as error:
            raise _not_installed(error) from error
        except ShimError:
            raise
        except Exception:  # noqa: BLE001 - as the emulator: one photo's fault is not the caller's
            _log.exception("%s: a fault in the recognizer", call.operation)
            answer = self._answers.error(WeChatError(-1, "a fault in the recognizer"))
        else:
            answer = self._answers.ok(values)
        return _reply(answer)

    async def action(self, call: ActionCall) -> ActionReply:
        """Refused: there is no cloud environment."""
        _refuse(call.action)

    async def upload(self, upload: Upload) -> str:
        """Refused: there is no cloud environment."""
        del upload
        _refuse("an upload")

    async def platform(self, call: PlatformCall) -> Any:
        """Refused: the platform answers these to its own functions alone."""
        raise ParameterError(
            f"{call.api} exists on the platform alone, and needs the transport cloudbase"
        )

    async def _values(self, call: OpenApiCall, operation: Operation) -> Mapping[str, str]:
        if operation.name != OPERATION:
            raise WeChatError(40066, f"{operation.name} is not implemented here")
        sent = server_parameters(call, operation)
        # Once through its encoded form: so an address that was encoded before is decoded here.
        query = dict(parse_qsl(encode_query(sent.query), keep_blank_values=True))
        body = Body()
        if sent.files:
            img = sent.files.get("img")
            size = sum(len(media.value) for media in sent.files.values())
            uploaded = None if img is None else UploadedImage(img.value)
            body = Body("multipart", uploaded, tuple(sent.files), size=size)

        async def read_body() -> Body:
            return body

        appid = call.appid or self._settings.appid
        return await self._service.answer_trusted(Call("POST", query, read_body, appid=appid))


@lru_cache
def _recognition(threads: int, budget: float) -> RecognitionQueue:
    """The one of the process: weights are loaded once."""
    return RecognitionQueue(LateRecognizer(threads, budget), waiting=_WAITING)


def _reply(answer: Answer) -> Reply:
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Reply(_CONTENT_TYPE, text.encode("utf-8", "replace"))


def _not_installed(error: Exception) -> ConfigError:
    return ConfigError(
        f"the transport recognizer cannot read photos here: {error}. It needs Python 3.11 or newer "
        "and the extra ocr: pip install '.[ocr]' in a checkout"
    )


def _refuse(what: str) -> NoReturn:
    raise ConfigError(
        f"{what} needs a cloud environment, and {ENV_PREFIX}TRANSPORT is recognizer, which has "
        f"none: pass secretId and secretKey to cloud.init, or set {ENV_PREFIX}APPID and "
        f"{ENV_PREFIX}SECRET"
    )

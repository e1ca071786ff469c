"""WeChat's side of the API, free of any HTTP library: tokens, quota, OCR, cloud functions.

Services take plain values and raise :class:`~openapi_shim.errors.WeChatError` or
:class:`~openapi_shim.errors.InvocationError`; ``answers`` turns both into what goes on the wire.
"""

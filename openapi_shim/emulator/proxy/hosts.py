"""WeChat's hosts, for which the emulator answers."""

from __future__ import annotations

WECHAT_HOSTS = (
    "api.weixin.qq.com",
    "api2.weixin.qq.com",
    "sh.api.weixin.qq.com",
    "sz.api.weixin.qq.com",
    "hk.api.weixin.qq.com",
)
"""The names under which WeChat documents its server API: the general one, the one for
disasters, and those of Shanghai, Shenzhen and Hong Kong."""

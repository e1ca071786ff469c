"""WeChat's side on one's own machine: an aiohttp coat around ``wechat``, and cloud functions."""

"""Between clients and the real WeChat API: passing on, recording, replaying, comparing."""

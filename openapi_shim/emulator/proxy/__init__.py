"""The emulator as an HTTPS proxy, for clients in which WeChat's address is fixed."""

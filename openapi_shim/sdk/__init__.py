"""The SDK: the face of wx-server-sdk, in Python."""

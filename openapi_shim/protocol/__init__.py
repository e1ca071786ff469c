"""The cloud environment's wire protocol: messages and signatures.

Shared by the SDK that speaks it and the gateway that answers. Knows neither HTTP library nor
settings.
"""

"""AWS Lambda: events of HTTP API, SQS, EventBridge and direct calls to ``main(event, context)``."""

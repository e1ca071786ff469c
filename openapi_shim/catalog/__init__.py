"""What exists on WeChat's side, as data: operations, error codes, each with its source."""

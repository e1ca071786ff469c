"""A server of one's own: several processes, health, metrics, traces and structured logs."""

-- One call, over and over; at the end one line for bench/calls.py, in microseconds.
wrk.method = "POST"
wrk.body = '{"a": 1}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer bench"

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'RESULT {"median": %f, "p95": %f, "rate": %f, "failed": %d}\n',
    latency:percentile(50), latency:percentile(95),
    summary.requests / summary.duration * 1e6, failed))
end

"""The workers: jobs from the queue, and ticks of the clock.

- `billing`, `credit`, `imports`, `reporting`: the jobs of these capabilities; each parses and makes one call
- `jobs`: the register of all jobs, and how a failure is handled
- `schedule`: what happens by the clock
- `queues`: which job waits where
- `job_queue`: how a committed job reaches a worker at once
- `context`: what a worker process holds
- `settings`: the worker process as ARQ starts it
- `heartbeat`: a worker's sign of life
- `startup`: the start-up checks, for programs before they begin
"""

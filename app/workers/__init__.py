"""The workers: they run the jobs of the queue and the scheduled tasks.

- `billing`, `cards`, `collections`, `credit`, `delinquency`, `events`, `imports`, `payments`, `reporting`: the jobs of
  these capabilities; each reads its payload and makes one call
- `jobs`: the register of all jobs, and how a failure is handled
- `schedule`: the scheduled tasks
- `queues`: which queue each job is in
- `deaths`: counts the tries whose worker died
- `job_queue`: how a committed job is enqueued
- `context`: the settings and connections of a worker process
- `settings`: the worker process as ARQ starts it
- `heartbeat`: the file that shows that a worker runs
- `startup`: the start-up checks, run before the API and the worker begin
"""

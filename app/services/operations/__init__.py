"""Running the service: what operators, auditors and administrators need.

- `startup`: what production does not start with
- `seeding`: what a new installation starts with
- `health`: whether the service works, and how much it holds
- `scheduled_tasks`: the tasks that workers run by the clock: paused, resumed, asked for
- `outbox_admin`: having a job tried again now
- `cleaning`: removing what only mattered for a time
- `audit`: sealing the audit trail and verifying it
- `backup`: backup and restore
- `browsing`: the tables that staff look through
- `proposals`: propose, approve, reject, withdraw (maker-checker)
"""

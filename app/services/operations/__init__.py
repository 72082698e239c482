"""Operating the service: what operators, auditors and administrators need.

- `startup`: checks settings, keys and roles before the service starts
- `seeding`: adds the products, scorecards and administrator of a new installation
- `health`: whether the service works, and how many customers and loans it has
- `doctor`: what is wrong with an installation, and what to do
- `scheduled_tasks`: the tasks that workers run by the clock; pauses, resumes and requests them
- `outbox_admin`: makes a failed job due now
- `cleaning`: removes old idempotency keys, done jobs and expired refresh tokens
- `audit`: seals the audit trail and verifies it
- `backlog`: what waits and since when
- `backup`: backup and restore
- `clusters`: distributes the tables over the servers of a cluster
- `diagnosis`: what `kist doctor` checks, without changing anything
- `browsing`: the tables that staff read on the admin pages
- `finding`: one search over people, loans, payments and applications
- `proposals`: propose, approve, reject, withdraw (maker-checker)
"""

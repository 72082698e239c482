"""Every query of the service. A function is named for what it does: `get_` raises, `find_` may answer None, `list_`,
`lock_`, `add_`.

A package uses only what stands below it in this list, and the modules at the root: `unit_of_work` (the business clock
and the outbox), `audit` (the audit trail and its seals) and `idempotency` (first answers to repeated requests).

- `operations`: listings for staff, health, cleaning, the schedule, start-up checks, proposals
- `imports`: imports, uploaded chunks, bank transactions
- `credit`: applications, scorecards and scores
- `cards`: virtual cards
- `reporting`: the books of one loan, and sums over all
- `payments`: payments and concessions
- `billing`: bills and billing runs
- `lending`: loans, positions, plans, the ledger
- `products`: products and their versions
- `people`: principals, customers, keys
"""

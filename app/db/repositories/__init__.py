"""All queries of the service. The first word of a function says what it does: `get_` raises an error if there is no
row, `find_` returns None then, and there are `list_`, `lock_` and `add_`.

A package uses only the packages below it in this list, and the modules at the root: `unit_of_work` (the business clock
and the outbox), `audit` (the audit trail and its seals), `idempotency` (first answers to repeated requests) and
`public_ids` (whose a number is).

- `operations`: listings for staff, health, cleaning, the schedule, start-up checks, proposals
- `imports`: imports, uploaded chunks, bank transactions
- `collections`: the work list, promises to pay, the diary
- `credit`: applications, scorecards and scores
- `accounting`: sums of the ledgers, the chart of accounts, periods
- `cards`: virtual cards
- `reporting`: all rows of one loan, and sums over all loans
- `delinquency`: classes of facilities, and the day-ends that are judged
- `payments`: payments and concessions
- `billing`: bills and billing runs
- `lending`: loans, positions, plans, the ledger
- `products`: products and their versions
- `events`: the log of events, webhooks
- `lender`: versions of the lender's profile, holidays
- `people`: user accounts, customers, keys
"""

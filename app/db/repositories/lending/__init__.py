"""Loans in the database: rows, plans, transfers, and the position that is read from all of them.

- `loans`: loans found by their number, locked, listed, and made
- `positions`: all that a decision needs, in one statement
- `decisions`: a decision about one locked loan, written in as few statements as possible
- `schedules`: plans, one immutable row a version
- `ledger`: transfers, inserted and read, and nothing else
- `contracts`: loans as agreed, with the plan in force
- `external_loans`: loans of other lenders
"""

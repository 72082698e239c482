"""Repositories of cards and card accounts.

- `cards`: cards by their token, loan or account
- `accounts`: card accounts: find, lock, add, update
- `states`: the state of an account as JSON
- `rows`: the rows that decisions lead to, as they are written
- `postings`: postings, statements, charges and transfers, as they are read
- `holds`: authorisations
- `groups`: what a group of authorisations reads and writes
- `due_accounts`: accounts that a run brings up to date, many at a time
- `quiet_accounts`: what the statement of a quiet account depends on and changes
- `payment_lists`: lists of payments over all accounts
"""

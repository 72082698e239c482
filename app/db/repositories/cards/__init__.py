"""Repositories of cards and card accounts.

- `cards`: cards by their token, loan or account
- `accounts`: card accounts: find, lock, add, update
- `states`: the state of an account as JSON
- `postings`: postings, statements, charges and transfers of accounts
- `holds`: authorisations
- `due_accounts`: accounts that a run brings up to date, many at a time
"""

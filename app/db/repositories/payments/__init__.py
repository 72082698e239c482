"""Payments and concessions in the database.

- `payments`: finds payments by reference, lists them, marks them as reversed
- `payment_lists`: lists payments across customers
- `groups`: callers, clock, keys and owners of loans, for payments that are taken together
- `refunds`: what was owed to a borrower and paid out
- `concessions`: waivers and write-offs, which never change and are read when a loan is replayed
"""

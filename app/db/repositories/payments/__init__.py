"""Payments and concessions in the database.

- `payments`: adds payments, finds them by reference, marks them as reversed
- `concessions`: waivers and write-offs, which never change and are read when a loan is replayed
"""

"""Payments and concessions as rows.

- `payments`: payments: found by reference, listed, marked as reversed
- `groups`: callers, clock, keys and owners for payments that are taken together
- `concessions`: waivers and write-offs: written once, read when a loan is replayed
"""

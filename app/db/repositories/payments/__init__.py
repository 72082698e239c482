"""Payments and concessions as rows.

- `payments`: payments: drawn, found by reference, marked as reversed
- `concessions`: waivers and write-offs: written once, read when a loan is replayed
"""

"""Routes of payments.

- `payments`: take a payment, and reverse one
- `concessions`: close a loan with a small balance
"""

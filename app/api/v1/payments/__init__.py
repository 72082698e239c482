"""Routes of payments.

- `payments`: take a payment, and reverse one
- `payment_lists`: payments that were taken
- `concessions`: close a loan with a small balance
"""

"""Routes of payments.

- `payments`: take a payment, and reverse one
- `payment_lists`: payments that were taken
- `charges`: the charges of a loan, and taking one back
- `concessions`: close a loan with a small balance
"""

"""Payments, reversals and concessions.

- `payments`: takes a payment; the same reference on the same loan is always the same payment
- `reversals`: reverses payments that bounced, and books backdated payments
- `concessions`: waivers, write-offs and small balances on a locked loan
"""

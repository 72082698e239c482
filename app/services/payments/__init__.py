"""Taking payments, taking them back, and giving up a part of a debt.

- `payments`: taking a payment; the same reference on the same loan is one payment for ever
- `reversals`: payments that bounced, and payments that turn out to have come earlier
- `concessions`: waivers, write-offs and small balances on a locked loan
"""

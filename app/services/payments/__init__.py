"""Taking payments, taking them back, and giving up a part of a debt.

- `payments`: taking payments, one or a group of them, in one transaction
- `group_commit`: who goes together, who waits, and who waits behind whom
- `calls`: a payment as it is asked for, and what becomes of it
- `receipts`: what a payment did; the same reference on the same loan is one payment for ever
- `reversals`: payments that bounced, and payments that turn out to have come earlier
- `concessions`: waivers, write-offs and small balances on a locked loan
"""

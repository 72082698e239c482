"""Payments, reversals and concessions.

- `payments`: takes payments, one or a group of them, in one transaction
- `group_commit`: decides which payments go together, and which wait
- `repeats`: repeats whose first answer a group could not see yet
- `calls`: a payment as it is asked for, and its outcome
- `receipts`: what a payment did; the same reference on the same loan is always the same payment
- `payment_lists`: payments that were taken
- `reversals`: reverses payments that bounced, and books backdated payments
- `changes`: changes of a living loan, foreseen, made and undone
- `rate_notices`: new rates that a borrower is told of beforehand
- `charges`: takes back a charge whose cause was undone
- `refunds`: what is owed to a borrower, and paying it out
- `concessions`: waivers, write-offs and small balances on a locked loan
"""

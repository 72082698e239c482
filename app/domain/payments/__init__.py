"""Payments, and everything else that reduces a debt; and changes of the past.

A payment settles the oldest bill first, then waits as an advance, then prepays. When one is reversed or comes in late,
the loan is replayed from its first day and the differences are posted; nothing that was written is changed.

- `payments`: what is due, what closes a loan, and which payments are refused
- `allocation`: where a payment goes
- `concessions`: waivers, write-offs and small balances
- `life`: a loan replayed from its first day with the payments that stand
- `replay`: the transfers that bring the books from what they say to what they should say
"""

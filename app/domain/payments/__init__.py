"""Payments and concessions, and the replay of a loan when its past changes.

A payment settles the oldest bill first; the rest is an advance, up to the next instalment, and then a prepayment. When
a payment is reversed or comes with an earlier value date, the loan is replayed from its first day and the differences
are posted. Rows that were written are never changed.

- `payments`: the next due amount, the payoff, and the checks of a payment apart from its amount
- `amounts`: the amount of a payment: what it may be, what it settles, what of it prepays, and what it did
- `allocation`: how a payment is allocated
- `refunds`: pays out what is owed to the borrower
- `changes`: changes of a living loan, and their checks
- `change_documents`: a change as its row keeps it
- `changing`: makes a change and plans the rest anew
- `histories`: the stored rows of a loan, and what people did to it, in order
- `payment_events`: what other programs are told about payments and concessions
- `service_charges`: a charge that an officer books
- `concessions`: waivers, write-offs and small balances
- `replayed_loan`: replays a loan from its first day with the payments that count now
- `replay_plans`: the plans that a replay makes for principal that returned
- `replayed_spans`: the days with overdue principal, and the undemanded principal day by day, as a replay finds them
- `replay`: the transfers that bring the ledger from its present content to the replayed one
"""

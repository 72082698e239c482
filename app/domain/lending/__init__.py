"""The loan account: its contract, its ledger and its position.

The contract never changes. Every movement of money is a transfer in the ledger. A position is the present state of a
loan. A decision is a new position together with the rows that lead to it.

- `loans`: disburses a loan, accrues its interest, and makes a new plan
- `charges`: charges that the next bill demands
- `fees`: the fees of a disbursal
- `late_days`: what was overdue, multiplied by its days
- `agreements`: what a loan has beside the terms of its product, agreed at first or altered since
- `due_rules`: the terms of one loan as the schedule engine reads them
- `bill_states`: what is unpaid of a bill
- `ledger`: the accounts and the transfers
- `closing`: refuses what would be booked into a closed period
- `loan_events`: what other programs are told about a loan
- `positions`: the state of a loan, and the result of a decision
- `settlement`: closes a loan that is paid, and uses a credit of interest
- `contracts`: the agreed terms of any loan, ours or another lender's
- `external_loans`: loans of other lenders, as facts about a customer
"""

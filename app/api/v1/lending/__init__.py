"""Routes of loans.

- `loans`: read a loan, its schedule, bills, ledger and payoff amount
- `next_due`: the next amount to pay, which several answers show
"""

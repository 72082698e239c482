"""Routes of loans.

- `loans`: read a loan, its schedule, bills, ledger and payoff amount
- `loan_lists`: lists of loans, filtered and sorted
- `next_due`: the next amount to pay, which several answers show
"""

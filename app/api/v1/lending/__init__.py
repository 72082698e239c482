"""Routes of loans.

- `loans`: how a loan stands, its schedule, bills, ledger and payoff
- `next_due`: what is to be paid next, as several answers show it
"""

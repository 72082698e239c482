"""The books for finance staff.

- `chart`: the chart of accounts
- `reports`: journal, trial balance, profit and loss, balance of the book, accrued interest
- `periods`: proposes and decides the closing of a period
- `exports`: the books as CSV, xlsx and Tally XML
"""

"""The books in the database: sums of the ledgers, their transfers, and what finance staff keep.

- `journal`: sums of the transfers of some days, and these transfers themselves
- `accruals`: loans that bore interest on a day
- `chart`: versions of the chart of accounts
- `periods`: periods, and the balances at their ends
- `agreement`: sums of what loans and ledgers say, in one statement
"""

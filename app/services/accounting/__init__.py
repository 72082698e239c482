"""The books for finance staff: reports, exports, the chart of accounts, and periods that two people close.

- `chart`: reads and changes the lender's codes and names
- `reports`: journal, trial balance, profit and loss, balance of the book
- `accruals`, `card_accruals`: interest that has accrued and is not billed, of loans and of card accounts
- `periods`: proposes, approves, rejects and withdraws the closing of a period
- `exports`: the journal and the transfers of some days, as files that are made while they are sent
- `agreement`: compares the reports with the loans and with the ledgers
"""

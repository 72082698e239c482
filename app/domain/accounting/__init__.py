"""The books as the lender's finance staff read them: by account, product and day, under the lender's own codes.

The ledgers of loans and of card accounts decide; everything here is a sum of their transfers by the day on which they
were booked.

- `chart`: every account of the ledgers, its nature, and the lender's code and name for it
- `journal`: what was booked on a day, by account and product
- `balances`: trial balance, profit and loss, balance of the book
- `periods`: closing the books through a day, by two people
"""

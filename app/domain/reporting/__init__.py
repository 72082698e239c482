"""Views of a loan. Nothing here changes a loan.

- `statements`: what the borrower has paid, and what is still to pay
- `account_periods`: the borrower's account over a period, line by line
- `papers`: interest certificates, no-dues and foreclosure letters
- `charges`: the charges of a loan as its ledger has them
- `explanations`: the days, balances and rates behind an interest figure
- `overdue_interest`: the days behind the interest on overdue principal
- `simulations`: the effect of a payment, a prepayment, a payoff or another rate
- `portfolio`: days past due, months and score bands
- `reconciliation`: checks that the stored figures follow from the ledger
- `loan_file`: a loan on one page: its instalments with their payments, its balance over time, what happened
- `gst`: invoices and credit notes of taxed charges, and the report of a month
"""

"""Views of a loan. Nothing here changes a loan.

- `statements`: what the borrower has paid, and what is still to pay
- `explanations`: the days, balances and rates behind an interest figure
- `simulations`: the effect of a payment, a prepayment, a payoff or another rate
- `portfolio`: days past due, months and score bands
- `reconciliation`: checks that the stored figures follow from the ledger
- `loan_file`: a loan on one page: its instalments with their payments, its balance over time, what happened
"""

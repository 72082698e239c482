"""What is shown and proved of a loan. Nothing here changes one.

- `statements`: what a borrower has paid, and what is still to come
- `explanations`: the days, balances and rates behind a figure of interest
- `simulations`: what a payment, a prepayment, a payoff or another rate would do
- `portfolio`: ages of debt, months and score bands
- `reconciliation`: whether everything that is stored follows from the ledger
"""

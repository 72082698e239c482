"""Routes of payments.

- `payments`: take a payment, and reverse one
- `payment_lists`: payments that were taken
- `charges`: the charges of a loan, and taking one back
- `concessions`: close a loan with a small balance, and what is owed to the borrower
- `loan_changes`: simulate, make, list and undo changes of a loan
- `rate_notices`: tell a borrower of a new rate, and take the choice
- `outlooks`: the bills to come, as previews show them
"""

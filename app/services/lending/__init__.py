"""Loans as use cases: disburse one, read one, bring it up to the business date, save a decision.

Every change of a loan takes the same steps: lock its row, read its position, close the cycles that have ended, decide,
save once. Payments, billing and reporting build on `loans`.

- `loans`: reads and locks a loan, shows loans and schedules
- `disbursal`: makes loans and disburses them
- `loan_lists`: lists the loans of a customer, or of all
- `agreements`: what a new loan agrees on beside the terms of its product
- `saving`: writes decisions on locked loans, with the payments that led to them
- `contracts`: loans as they were agreed, without their balances
- `external_loans`: loans of other lenders, found by our number or listed for a customer
- `calculations`: runs long calculations in a thread beside the event loop
"""

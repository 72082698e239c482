"""Loans as use cases: made, looked at, brought up to the business date, saved.

Everything that changes a loan goes the same way: lock its row, read its position, close the cycles that have ended,
decide, save once. Payments, billing and reporting all build on `loans`.

- `loans`: disbursing a loan, reading and locking one, saving a decision, and what is shown of it
- `contracts`: loans as they were agreed, for whoever decides on the next one
- `external_loans`: loans of other lenders, found by our number or listed for a customer
- `calculations`: long calculations, done in a thread beside the event loop
"""

"""Scores, eligibility and applications.

An application is decided once, in the transaction that makes the loan, on facts gathered under the customer's lock.

- `scoring`: scoring a customer (a job), and finding the scores there are
- `eligibility`: gathers the facts and asks the domain to decide on them
- `applications`: applying for credit; on approval the loan, and the card where there is one
"""

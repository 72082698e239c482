"""Scores, eligibility and applications.

An application is decided once, on facts read under the customer's lock, in the transaction that makes the loan.

- `credit_events`: what other programs are told about applications and scores
- `application_lists`: lists of applications
- `scoring`: scores a customer (a job), and finds stored scores
- `eligibility`: reads the facts and asks the domain to decide on them
- `deciding`: an application and what a decision makes of it, as rows
- `offers`: what is offered where the borrower must accept it first
- `acceptance`: the key facts of an application or a loan, and their acceptance
- `top_ups`: decides whether more is lent on a loan, and offers or lends it
- `applications`: decides an application; on approval makes the loan, and the card if the product issues one
- `groups`: decides applications that arrive together in one transaction
"""

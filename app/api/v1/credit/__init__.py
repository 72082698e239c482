"""Routes of credit.

- `applications`: apply for credit, and read an application
- `key_facts`: the key facts of an application or a loan, and their acceptance
- `application_lists`: lists of applications
- `scoring`: read a customer's score, and compute a stored score again
"""

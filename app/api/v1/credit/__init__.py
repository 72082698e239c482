"""Routes of credit.

- `applications`: apply for credit, and read an application
- `application_lists`: lists of applications
- `scoring`: read a customer's score, and compute a stored score again
"""

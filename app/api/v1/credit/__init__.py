"""Routes of credit.

- `applications`: applying, and reading an application
- `scoring`: the scores of a customer
"""

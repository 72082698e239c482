"""Sample data: the same seed always gives the same data.

- `generator`: people, their loans from other lenders, and their bank transactions
- `files`: the generated data as two workbooks and a CSV file
"""

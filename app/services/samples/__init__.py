"""Sample data: the same for the same seed for ever.

- `generator`: people, their loans elsewhere and their bank transactions
- `files`: the generated data as two workbooks and a CSV file
"""

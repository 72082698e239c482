"""Routes of running the service.

- `audit`: the audit trail and its seals
- `clock`: the business date
- `proposals`: changes that need two people
"""

"""Routes of running the service.

- `audit`: the audit trail and its seals
- `clock`: the business date
- `proposals`: what takes two people
"""

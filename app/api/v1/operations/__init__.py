"""Routes of running the service.

- `audit`: the audit trail and its seals
- `clock`: the business date
- `proposals`: changes that need two people
- `proposal_bodies`: the changes that can be proposed, as bodies
"""

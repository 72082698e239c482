"""Who somebody is, and what they may do.

A customer is a person who registered. A caller is an actor with a role (customer, officer, admin, service); every
write names its actor, and every read is limited by it.

- `aadhaar`: the twelve-digit identity number, its check digit, and the least that may be shown of it
- `access`: roles, scopes, and what an actor may see and do
- `customers`: what is asked of a registration, and the limit that follows from an income
"""

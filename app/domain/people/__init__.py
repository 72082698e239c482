"""Customers, and the permissions of callers.

A customer is a person who registered. A caller is an actor with a role (customer, officer, admin, service). Every write
records its actor, and every read is limited by it.

- `aadhaar`: the Aadhaar number, its check digit and its masked form
- `access`: roles, scopes, and the permissions of an actor
- `customers`: the checks of a registration, and the limit that follows from the income
"""

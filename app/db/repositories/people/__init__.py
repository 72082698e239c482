"""Principals, customers, and what is unique about them.

- `access`: principals and refresh tokens
- `customers`: customers, prospects, and the values that belong to one of them only
- `keys`: check values of keys, and whether anything is sealed under a version
"""

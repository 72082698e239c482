"""Accounts that sign in, customers, and keys.

- `access`: the accounts that sign in, and refresh tokens
- `customers`: customers, prospects, and the values that belong to only one of them
- `customer_lists`: lists customers, found by what belongs to them
- `keys`: check values of keys, and which versions of keys are in use
"""

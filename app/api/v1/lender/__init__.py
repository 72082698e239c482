"""Routes of the lender.

- `profiles`: the profile that papers show, and a new version of it
"""

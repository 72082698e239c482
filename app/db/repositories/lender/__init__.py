"""The lender in the database.

- `profiles`: versions of the lender's profile, and the one in force on a day
"""

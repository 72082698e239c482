"""The lender as use cases.

- `profiles`: the profile in force, its versions, and a new version
- `registrations`: where the lender is registered for GST
"""

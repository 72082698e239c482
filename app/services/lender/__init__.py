"""The lender as use cases.

- `profiles`: the profile in force, its versions, and a new version
- `working_days`: counts working days by the lender's calendar
"""

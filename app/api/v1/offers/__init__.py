"""Routes that compute and store nothing.

- `quotes`: the schedule and the cost of any loan, also as a key facts statement
- `rates`: the annual percentage rate of flows that the caller names
"""

"""Bills and billing runs in the database.

- `bills`: bills as they were issued, and the cache of what payments left of them
- `runs`: runs, the ranges that workers claim, and parked loans
- `due_loans`: thousands of positions at once: read, and written by COPY
"""

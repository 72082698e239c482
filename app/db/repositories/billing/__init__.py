"""Bills and billing runs in the database.

- `bills`: bills as they were issued, and the cache of what is unpaid of them
- `runs`: runs, the ranges that workers claim, and parked loans
- `due_loans`: reads thousands of positions at once, and writes them by COPY
"""

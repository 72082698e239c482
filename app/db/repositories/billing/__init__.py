"""Bills and billing runs in the database.

- `bills`: bills as they were issued, and the cache of what is unpaid of them
- `runs`: runs, the ranges that workers claim, and parked loans
- `plain_cycles`: reads the loans of a run that owe nothing of earlier bills, and writes their bills
- `due_loans`: reads thousands of positions at once, and writes them by COPY
"""

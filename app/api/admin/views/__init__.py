"""The views of the admin pages: one module a capability. The menu (`app/api/admin/__init__.py`) groups them for people.

- `people`: users (customers) and staff
- `products`: versions of products
- `lending`: loans, EMIs, transfers
- `billing`: bills, billing runs, parked loans
- `payments`: payments
- `cards`: virtual cards
- `credit`: applications, scores, scorecards
- `imports`: imports, rejected rows, bank transactions
- `operations`: schedule, jobs, proposals, audit trail
"""

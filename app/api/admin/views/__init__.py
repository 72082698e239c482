"""The views of the admin pages: one module per capability. `app/api/admin/__init__.py` groups them into a menu.

- `people`: users (customers) and staff
- `products`: versions of products
- `lender`: versions of the lender's profile
- `lending`: loans, EMIs, transfers
- `billing`: bills, billing runs, parked loans
- `payments`: payments
- `cards`: virtual cards
- `card_accounts`: card accounts, their statements and postings
- `tax_documents`: tax documents of loans and of card accounts
- `credit`: applications, scores, scorecards
- `imports`: imports, rejected rows, bank transactions
- `operations`: schedule, jobs, proposals, audit trail
"""

"""Routes of cards and card accounts.

- `cards`: read, block, replace and control a card
- `account_bodies`: what the routes of accounts and movements take
- `account_schemas`: how accounts and movements are answered
- `statement_schemas`: how statements are answered
- `accounts`: open and read an account, and what would happen
- `statements`: list the statements of an account, and read one as JSON or PDF
- `tax_documents`: the tax documents of an account
- `movements`: authorisations, clearings, payments, refunds, and undoing
- `payment_lists`: payments to accounts, also across accounts
- `changes`: plans, disputes, limits, blocks, the statement day, and closing
"""

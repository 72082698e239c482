"""Routes of cards and card accounts.

- `cards`: read, block, replace and control a card
- `account_schemas`: how accounts and movements are answered
- `statement_schemas`: how statements are answered
- `accounts`: open and read an account, its statements, and what would happen
- `movements`: authorisations, clearings, payments, refunds, and undoing
- `changes`: plans, disputes, limits, blocks, the statement day, and closing
"""

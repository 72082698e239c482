"""Virtual cards and card accounts as use cases.

- `cards`: issues a card, shows, blocks, replaces and controls it
- `accounts`: opens an account, reads it, and lets facts happen to it under its lock
- `opening`: opens an account with its first card
- `postings`: a posting that a request names
- `movements`: clearings, payments, refunds, payouts, and their undoing
- `authorisations`: approves or declines, captures, reverses, expires
- `groups`: authorisations that arrive together are one transaction
- `changes`: plans, disputes, limits, credits, blocks, the statement day, and the end of an account
- `arrears`: tells the classes of borrowers what an account has not been paid
- `views`: accounts, statements, their explanation, and what would happen
- `account_file`: an account for staff on one page
- `documents`: the facts of the document of a statement
- `runs`: the card accounts of the daily run
- `reconciliation`: derives every account twice
- `payment_lists`: lists of payments over all accounts
"""

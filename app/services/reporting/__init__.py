"""What is shown and proved of loans. No loan is changed here.

- `statements`: the statement of one loan
- `documents`: what a statement as a file tells beyond its figures
- `explanations`: why a figure is what it is, and what would happen if
- `portfolio`: what is owed, lent, collected and late, for staff
- `reconciliation`: every loan against its books, by hand or at night
"""

"""Queries for reports.

- `books`: all rows of one loan, read in one statement, so that they belong to one moment
- `portfolio`: sums over all loans
- `loan_file`: what payments settled of instalments, and the plans of a loan
- `gst`: tax documents of loans, and transfers of tax that have none
- `card_gst`: tax documents of card accounts, and charges that have none
"""

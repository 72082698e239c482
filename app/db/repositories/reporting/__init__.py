"""What reports read.

- `books`: the books of one loan, in one statement, so that all of it is of one moment
- `portfolio`: the portfolio in a few sums over whole tables
"""

"""The rulebook: every number that a law or a circular sets, as a row with its dates and its source.

Rules change, and a loan lives under several versions of one rule. So a rule is data: who it binds, from when and until
when, its value, and where it is written. The code that needs a number asks the rulebook for the row of the day that
counts: the day of the sanction, of an event, or the day-end. No other module holds such a number.

- `kinds`: the kinds of lenders, products and borrowers that a rule may be for
- `rules`: the rules and their rows
- `rulebook`: looks up rows by day, and refuses rows that are wrong
- `conduct_rows`, `asset_rows`, `restructuring_rows`, `provision_rows`, `card_rows`, `payment_rows`: the rows, by
  subject
- `in_force`: the rulebook with all rows
"""

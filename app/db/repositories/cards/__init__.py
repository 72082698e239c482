"""Virtual cards in the database.

- `cards`: adds, finds and blocks cards
"""

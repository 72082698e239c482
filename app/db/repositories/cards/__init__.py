"""Virtual cards as rows.

- `cards`: cards: added, found, blocked
"""

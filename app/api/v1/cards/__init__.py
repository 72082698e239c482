"""Routes of virtual cards.

- `cards`: read, block and unblock a card
"""

"""Routes of virtual cards.

- `cards`: showing a card, blocking and unblocking it
"""

"""Virtual cards as use cases.

- `cards`: issues a card with a credit line, shows it, blocks and unblocks it
"""

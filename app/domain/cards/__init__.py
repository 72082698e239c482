"""Virtual cards of credit lines. No full card number is ever made.

- `cards`: the card, its expiry, and who may block and unblock it
- `card_events`: what other programs are told about cards
"""

"""Routes of payments.

- `payments`: taking a payment, and reversing one
- `concessions`: closing a loan of which next to nothing is left
"""

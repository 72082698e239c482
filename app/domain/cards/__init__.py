"""Cards that come with a credit line. No card number is ever made.

- `cards`: what a virtual card shows of itself, how long it is good, and who may block and unblock it
"""

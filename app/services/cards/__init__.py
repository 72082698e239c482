"""Virtual cards as use cases.

- `cards`: issuing one with a credit line, showing it, blocking and unblocking it
"""

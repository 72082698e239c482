"""Routes of billing.

- `runs`: start, watch, pause, resume and cancel billing runs, and list their parked loans
"""

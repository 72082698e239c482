"""Routes of billing.

- `runs`: billing runs: started, watched, paused, resumed, and their parked loans
"""

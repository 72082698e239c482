"""Queries for running the service.

- `listings`: the tables and columns that staff may see
- `loan_listings`: the listings of loans and of their plans, bills, payments and transfers
- `browsing`: reads a page of a listing: searched, filtered, sorted
- `finding`: people by the words of their names, and their loans
- `gauges`: how much waits, for metrics
- `health`: calls and counts for the health routes
- `startup`: the rights of our database role, for the start-up checks
- `scheduled_tasks`: the state of the scheduled tasks
- `cleaning`: removes expired rows, a limited number at a time
- `proposals`: proposals and their decisions
"""

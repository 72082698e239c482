"""What running the service reads and writes.

- `listings`: the tables that staff may look through, column by column
- `loan_listings`: the listings of what a loan is made of
- `browsing`: a page of a listing: searched, filtered, sorted
- `health`: how much there is
- `startup`: what the database says about the role we connect as
- `scheduled_tasks`: the schedule as rows
- `cleaning`: removing rows that nobody asks for any more, a bounded number at a time
- `proposals`: proposals as rows
"""

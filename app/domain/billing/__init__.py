"""Billing: each cycle ends with one bill, which asks for interest and principal.

The schedule plans; only a bill demands. Closing a cycle posts its interest, makes its bill, and decides what becomes of
an earlier bill that was not paid.

- `cycles`: closes the cycles up to a date and makes their bills; start here
- `demands`: the minimum due, and the charge for being late
- `open_bills`: the sums of what unpaid bills ask for
- `issued_bills`: a bill as it was issued, beside what is left of it
- `bills_to_come`: what a loan will ask for if everything is paid as it is asked
- `foresight`: where a loan will stand on a later day, within bounds of work
"""

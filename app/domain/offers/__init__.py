"""What an offer costs: quotes, the annual percentage rate, and the key facts statement.

Nothing here is stored, and no product is needed. Every rate question comes down to one: at which rate are the flows of
money of both sides worth the same?

- `quotes`: the schedule and the cost of any loan, fees included
- `key_facts`: the figures of the Reserve Bank's key facts statement
- `apr`: the annual percentage rate by four conventions
- `rate_solver`: finds the rate, or says that there is none or that there are several
- `rate_isolation`: finds every rate within bounds, for certain
- `rate_narrowing`: closes in on the one rate between two
- `discounting`: the worth of dated flows at a rate, and how fast it changes
"""

"""Offers: quotes, the annual percentage rate (APR), and the key facts statement.

Nothing here is stored, and no product is needed. The APR is the rate at which the money received and the money paid
have the same present value.

- `quotes`: the schedule and the cost of any loan, with fees
- `key_facts`: the figures of the Reserve Bank's key facts statement
- `apr`: the annual percentage rate by four conventions
- `rate_solver`: finds the rate, or reports that there is none or more than one
- `rate_isolation`: finds every rate within bounds
- `rate_narrowing`: narrows a bracket to the one rate in it
- `discounting`: the present value of dated flows at a rate, and its slope
"""

"""Repayment schedules and interest.

Terms (amount, rate, number of instalments, conventions) give a schedule of instalments. After a prepayment or a change
of rate, the rest of the loan gets a new schedule. Interest is an exact ratio, and each period's interest is rounded
once. A schedule only plans: nothing is owed until a bill demands it.

- `terms`: the terms of a schedule, and the schedule itself
- `checks`: refuses wrong terms
- `building`: builds a schedule from terms, and a new one for the rest of a loan; start here
- `periods`: the dates of the periods, and the interest of each as a linear function of the balance
- `methods`: the amortisation methods: equal instalments, equal principal, interest only, step-up, flat, moratorium
- `amortisation`: repays a balance over periods, as arithmetic without dates
- `segments`: solves the instalment that repays a balance
- `flat_interest`: interest on the whole principal for the whole term
- `interest`: the interest of a balance over a span of days
- `interest_measure`: rates as integers, and the weight of days on each interest basis
"""

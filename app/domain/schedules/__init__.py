"""Repayment schedules: what is due when, and how the interest in it is computed.

Terms (amount, rate, number of instalments, conventions) become a schedule of instalments; after a prepayment or a
change of rate the rest becomes a new schedule. Interest is an exact ratio until it is rounded once. A schedule only
plans: nothing is owed until a bill demands it.

- `terms`: what has to be agreed before anything is computed, and the schedule that comes out
- `checks`: refuses terms that make no sense, each by name
- `building`: builds a schedule from terms, and a new one for what is left; start here
- `periods`: the dates of the periods and what each of them costs
- `methods`: every amortisation method: equal instalments, equal principal, bullet, step-up, flat, moratorium
- `amortisation`: how a balance is repaid over periods, as arithmetic without dates
- `segments`: the instalment that repays a balance, solved exactly
- `flat_interest`: interest on the whole principal for the whole time
- `interest`: interest of a balance over a span of days
- `interest_measure`: rates as integers, and the weight of days on each interest basis
"""

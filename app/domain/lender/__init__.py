"""The lender: who lends, as borrowers see it on every paper.

`identifiers` checks the numbers under which India registers a company. `profiles` is the lender's profile with its
bounds, `registrations` the state in which it is registered for GST, `samples` a sample lender for
development.
"""

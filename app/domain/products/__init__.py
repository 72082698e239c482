"""Products: the terms of credit, as data.

A product is a database row, so a new product needs an insert and not a release. Its terms have versions, and a loan
keeps the version under which it was made.

- `products`: the terms: offer, repayment, late charge
- `lawfulness`: whether terms break a rule that is in force
- `documents`: converts a product to a JSON document and back, with strict checks
- `seeded`: the four products of a new installation
"""

"""Products: the terms of credit, as data.

A product is a database row, so a new product needs an insert and not a release. Its terms have versions, and a loan
keeps the version under which it was made.

- `products`: the terms: offer, repayment, late charge
- `charge_terms`: the terms of a loan's charges, and a fee as it is charged
- `charges`: what the charges come to, with their tax
- `card_terms`: the terms of a card account
- `lawfulness`: whether terms break a rule that is in force
- `documents`: converts a product to a JSON document and back, with strict checks
- `charge_documents`: what the terms of a loan's charges must keep
- `card_documents`: what the terms of a card account must keep
- `working_days`: the working day that is so many working days later
- `seeded`: the products of a new installation
- `samples`: products for development
"""

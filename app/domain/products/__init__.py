"""The terms of a kind of credit, as data.

A product is a row, so a new product is an insert and not a release. Its terms are versioned, and a loan keeps the
version under which it was made.

- `products`: which terms there are: offer, repayment, late charges
- `documents`: a product as a JSON document, and back, without losing or guessing anything
- `seeded`: the four products that every installation begins with
"""

"""Pages of our own: each reads through services and draws one template.

- `find_view`: one search over people, loans, payments and applications
- `customer_view`: a customer, with everything about them
- `loan_view`: a loan, with everything about it
- `product_view`, `terms_form`: the form of a new version of a product, generated from its terms
- `balance_chart`: the balance of a loan, planned and real
"""

"""Pages of our own: each reads through services and draws one template.

- `find_view`: one search over people, loans, payments and applications
- `customer_view`: a customer, with everything about them
- `loan_view`: a loan, with everything about it
- `card_view`: a card account, with everything about it
- `product_view`, `terms_form`: the form of a new version of a product, generated from its terms
- `balance_chart`: the balance of a loan or a card account over time
- `work_view`: the work list of those who collect, with its filters, views and files
- `work_assign`: puts officers in charge of one case, or of many that a filter finds
- `work_day`: a day of collections, by officer
"""

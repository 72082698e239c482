"""Days past due and classes on the API.

- `risk`: provisions, portfolio at risk, vintages and roll rates
- `classes`: a loan's days past due and class on a day, with the reasons and the history
"""

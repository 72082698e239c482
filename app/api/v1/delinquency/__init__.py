"""Days past due and classes on the API.

- `bureau`: files for credit bureaus, and what was said about a borrower
- `risk`: provisions, portfolio at risk, vintages and roll rates
- `classes`: a loan's days past due and class on a day, with the reasons and the history
"""

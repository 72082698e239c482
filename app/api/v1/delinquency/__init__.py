"""Days past due and classes on the API.

- `classes`: a loan's days past due and class on a day, with the reasons and the history
"""

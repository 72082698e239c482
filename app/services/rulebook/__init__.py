"""The rulebook for staff: what is in force for us on a day, and what breaks it.

- `rules`: the rules of a day, and the check of all product versions and open loans
"""

"""The rulebook on the API.

- `rules`: the rules in force on a day, and what changes next
"""

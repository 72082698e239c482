"""Checks that every statement of the repositories would run on a sharded PostgreSQL (decision 0029).

- `judge`: parses a statement and names the rules that it breaks
- `allowed`: the statements that may ask all shards, each with its reason
- `hearing`: hears the statements that the tests cause, and lets a test fail that causes a wrong one
"""

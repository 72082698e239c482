"""Checks that every statement of the repositories would run on a sharded PostgreSQL (decision 0029).

- `judge`: parses a statement and names the rules that it breaks
- `joins`: whether business tables are joined by their customers
- `allowed`: the statements that may ask all shards, each with its reason
- `hearing`: hears the statements that the tests cause, and lets a test fail that causes a wrong one
- `recorder`: runs every repository function without a database, so that no statement is left unheard
- `made_up`: the arguments and rows that it runs them with
- `arguments`: arguments of functions for which made-up ones will not do
"""

"""The daily billing run: every business date up to today is closed.

A run is a row. Its loans are cut into ranges that any number of workers claim, and a range is one transaction.

- `runs`: starting, watching, pausing and working on a run
- `ranges`: one range: read the due loans, decide each, write all
"""

"""The daily billing run: it closes every business date up to today.

A run is a row. Its loans are split into ranges. Any number of workers claim ranges, and each range is one transaction.

- `runs`: starts, watches, pauses and performs a run
- `ranges`: bills one range: reads the due loans, decides each, writes all
"""

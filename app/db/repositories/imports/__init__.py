"""Imports as rows, and what they bring.

- `ingestion`: imports: how far each got, and what it refused
- `chunks`: uploaded files in pieces, until the import of them ends
- `bank_transactions`: bank transactions: written by the hundred thousand, read as sums
"""

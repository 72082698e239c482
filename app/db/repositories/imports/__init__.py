"""Imports in the database, and the rows that they load.

- `ingestion`: imports, their progress and their refused rows
- `chunks`: the pieces of uploaded files, kept until their import ends
- `bank_transactions`: writes bank transactions in blocks of many thousands, and reads their sums
"""

"""Routes of imports.

- `ingestion`: upload a file, watch its import, and read the rejected rows
"""

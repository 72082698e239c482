"""Routes of imports.

- `ingestion`: uploading a file, watching its import, and what it rejected
"""

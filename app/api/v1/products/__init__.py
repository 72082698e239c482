"""Routes of products.

- `products`: the versions on offer, and adding one
"""

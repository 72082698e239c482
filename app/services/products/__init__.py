"""Products on offer, and new versions of them.

- `products`: which products can be applied for today
- `versions`: adding a version of a product, or a new product
"""

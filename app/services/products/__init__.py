"""Products on offer, and new versions of them.

- `products`: which products can be applied for today
- `calendars`: holidays, and the rates of benchmarks
- `versions`: adds a version of a product, or a new product
"""

"""Products on offer, and new versions of them.

- `holidays`: the holidays of banks, and working days
- `products`: which products can be applied for today
- `calendars`: holidays, and the rates of benchmarks
- `versions`: adds a version of a product, or a new product
- `terms`: what each term means
"""

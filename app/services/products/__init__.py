"""Products on offer, and new versions of them.

- `products`: which products can be applied for today
- `calendars`: holidays, working days, and the rates of benchmarks
- `holidays`: loads a file of holidays
- `versions`: adds a version of a product, or a new product
- `terms`: what each term means
"""

"""Routes of products.

- `products`: list the products on offer, and add a version
- `calendars`: holidays, and the rates of benchmarks
"""

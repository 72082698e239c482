"""Products in the database. They have versions, which never change.

- `products`: versions of products, cached by each process, and the products that are on offer
- `calendars`: holidays, and the rates of benchmarks
- `versions`: the numbers of the versions, which of them are offered, and their open loans
"""

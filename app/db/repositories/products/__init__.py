"""Products as rows: immutable, versioned, few.

- `products`: a version read once by each process, and what is on offer today
- `versions`: the numbers of the versions
"""

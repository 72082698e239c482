"""Routes that show and explain.

- `statements`: the statement of a loan as JSON, PDF or CSV
- `explanations`: why a figure is what it is, and what would happen if
"""

"""Routes that report on a loan.

- `statements`: the statement of a loan as JSON, PDF or CSV
- `explanations`: how interest was computed, and simulations
- `gst`: the GST report of a month
"""

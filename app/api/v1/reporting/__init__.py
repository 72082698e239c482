"""Routes that report on a loan.

- `statements`: the statement of a loan as JSON, PDF or CSV
- `papers`: receipts, statements of a period, interest certificates and letters as PDF
- `explanations`: how interest was computed, and simulations
- `gst`: the GST report of a month
- `tax_documents`: the invoices and notes of a loan
"""

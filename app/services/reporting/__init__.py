"""Reports on loans. Nothing here changes a loan.

- `statements`: the statement of one loan
- `documents`: the facts that a PDF or CSV statement shows beside its figures
- `papers`: the facts of receipts, statements of a period, interest certificates and letters
- `charges`: the charges of one loan
- `explanations`: how interest was calculated, and what a payment or another rate would change
- `portfolio`: what is owed, lent, collected and late, for staff
- `reconciliation`: compares every loan with its books, on demand or at night
- `loan_file`: a loan on one page, for staff
- `gst`: gives numbers to tax documents, and the report of a month
- `tax_documents`: the tax documents of one loan
"""

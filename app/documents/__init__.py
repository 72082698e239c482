"""Documents: the files that a customer receives (statements, receipts, letters, a key facts statement).

A function of this layer takes facts and returns the bytes of a file. It uses no database, no request and no clock, so
the same facts always give the same bytes. `canvas`, `typeface` and `qr_codes` are the only modules that use the
drawing library. `layout` puts blocks on pages. `parts`, `grids`, `charts` and `lender` (who lends, and how to pay) make
blocks; `paper_parts` has those that all papers of a loan show. `statement` (with `statement_words`),
`period_statement`, `card_statement`, `receipt`, `letters`, `key_facts` and `statement_csv` make the documents;
`key_facts_about` is what a statement of a loan has beyond a quote. `table_csv` and `table_xlsx`, with `cell_money`,
write any table of which the `table_columns` are named. `ledger_tables` and `tally` write the books for finance staff.
`words` has figures and dates in two languages.
"""

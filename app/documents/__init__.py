"""Documents: the files that a customer receives (a loan statement, a key facts statement).

A function of this layer takes facts and returns the bytes of a file. It uses no database, no request and no clock, so
the same facts always give the same bytes. `canvas` and `typeface` are the only modules that use the drawing library.
`layout` puts blocks on pages. `parts`, `grids` and `charts` make blocks. `statement`, `key_facts`, `statement_csv`,
`table_csv` and `table_xlsx` make the documents.
"""

"""Documents: facts in, bytes out, the same bytes every time.

What a customer is sent as a file (a statement, a key facts statement) is drawn here. A function of this layer takes a
frozen set of facts and knows no database, no request and no clock; the same facts give the same bytes, so that a file
that is asked for twice can be compared. `pen` and `typeface` are the only modules that know the drawing library;
`layout` breaks blocks over pages; `parts`, `grids` and `charts` are the blocks; `statement`, `key_facts` and
`statement_csv` are the documents.
"""

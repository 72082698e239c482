"""Imports files of customers, other lenders' loans and bank transactions.

A file is identified by its content. Its blocks are checked column by column and loaded by COPY. The transaction of a
block also stores how far the import is, so after a crash it continues there, and no row is loaded twice.

- `clearings`: loads a clearing file of a card network
- `ingestion`: imports a file block by block; start here
- `uploads`: stores uploaded files until a worker loads them
- `kinds`: the three kinds of files, and how the rows of each are checked and written
- `customer_rows`, `loan_rows`, `bank_transactions`: the columns of each kind, and the checks of a row
- `transaction_rows`: writes bank transactions
- `known_rows`: finds rows that an earlier file already loaded
- `prospects`: people that a file names before they have registered
- `asked_scores`: enqueues scores after rows were written
- `outcomes`: the result of an import
- `file_scoring`: scores every person in a file at once, and stores nothing
- `checked_rows`: the rows of a file for `file_scoring`, checked as an import checks them
- `balance_sums`: sums balances by person
"""

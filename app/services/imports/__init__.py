"""Importing files of customers, other lenders' loans and bank transactions.

A file is known by its content. Its blocks are checked column by column and loaded by COPY; a block's transaction also
moves the import's own mark, so a crash goes on where it stopped, and nothing is loaded twice.

- `ingestion`: importing a file, block by block; start here
- `uploads`: files that were uploaded, kept until a worker loads them
- `kinds`: the three kinds of files, and the five questions that each answers
- `customer_rows`, `loan_rows`, `bank_transactions`: the layouts of each kind, and what makes a row good
- `transaction_rows`: writing bank transactions
- `known_rows`: rows that an earlier file brought already
- `prospects`: people whom a file names before they have registered
- `asked_scores`: the scores that are asked for when rows were written
- `outcomes`: what is told of an import when it ends
- `file_scoring`: scores everybody in a file at once, and stores nothing
- `checked_rows`: the rows of a file for `file_scoring`, checked as an import checks them
- `balance_sums`: balances added up by person
"""

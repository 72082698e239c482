"""Loans in the database, their plans and transfers, and the position that is read from all of them.

- `loans`: finds and locks loans
- `new_loans`: writes a new loan with its plan and its disbursal, in one statement
- `loan_lists`: lists loans across customers
- `positions`: reads all that a decision needs, in one statement
- `states`: the columns that change, and their values for a position
- `decisions`: writes a decision about one locked loan, in few statements
- `schedules`: plans, with one row for each version
- `changes`: changes of living loans, and notices of new rates
- `charges`: fees of a disbursal, and charges for events
- `ledger`: inserts and reads transfers
- `contracts`: loans as agreed, with the current plan
- `external_loans`: loans of other lenders
"""

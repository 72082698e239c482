"""The loan account: the contract, the ledger that proves it, and the position that decisions are made on.

The contract never changes. Every movement of money is a transfer of the ledger. A position says where a loan stands; a
decision is a new position with the rows that lead to it.

- `loans`: makes a loan (disbursal), accrues its interest, and makes its plan anew
- `ledger`: accounts, and transfers from one to another
- `positions`: where a loan stands, and what a decision about it comes to
- `settlement`: how a loan ends that is paid, and what becomes of interest that was billed too much
- `contracts`: what was agreed, as it is shown of any loan, whoever lent the money
- `external_loans`: loans of other lenders, as facts about a customer
"""

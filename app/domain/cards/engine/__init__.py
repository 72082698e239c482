"""The engine of a card account: from facts to balances, interest, statements and minimum dues.

A fact happens, days pass, and everything else follows; so an account can be lived again when its past changes, and
ahead on a copy to show what would happen.

- `cycles`: statement days and the length of a cycle
- `facts`: what happened to an account from outside
- `items`: the debts that a payment can settle
- `accounts`: the state of an account
- `ledger`: the accounts and transfers of its books
- `interest`: which days bear interest, and its rounding
- `laying`: how payments and credits settle debts
- `minimum_due`: the minimum of a statement, and the late fee
- `plans`: purchases paid in instalments
- `charges`: interest and fees with their tax, and what becomes of them in a replay
- `life`: judgements and debts in the order of days
- `statements`: what ends a cycle
- `quiet`: what ends the cycle of an account that owes nothing but new purchases
- `refunds`: what a refund lowers
- `fees`: what is left of a fee when what it was for comes back
- `losses`: what is charged off, and recoveries
- `happenings`: what each fact does
- `replay`: the account lived again when its past changes
"""

"""The rules of lending in pure Python. Functions take facts and return decisions.

The domain never reads a clock, a database or a setting: dates and facts are arguments. A package may import only the
packages below it in this list. Every package may import the modules at the root: `errors`, `money` (paise, and the only
rounding), `calendar` (day counts, due dates, holidays), `public_ids` (the ids that clients see) and `cursors`
(where a page of a list ended).

- `operations`: the seals of the audit trail, proposals that need two people, the timetable of the workers
- `collections`: promises to pay, contacts inside the lawful hours, the work list
- `credit`: scores, and the decision on an application
- `accounting`: chart of accounts, journal, balances, periods
- `cards`: virtual cards
- `reporting`: statements, explanations, simulations, reconciliation
- `delinquency`: days past due and asset classes, derived from the life of a loan
- `payments`: payment rules, allocation, waivers and write-offs, reversals and backdated payments
- `billing`: bills, one per cycle
- `lending`: the loan account: ledger, position, disbursal, settlement
- `offers`: quotes, APR and key facts
- `products`: the terms of a product, as data
- `schedules`: interest and repayment plans
- `events`: the types of events for other programs, webhooks
- `lender`: the profile of the lender, numbers of companies, working days
- `rulebook`: what laws and circulars set, as rows with dates and sources
- `people`: customers, roles and permissions
"""

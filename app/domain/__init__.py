"""The rules of lending, in pure Python: facts in, decisions out.

Nothing here reads a clock, a database or a setting. A package uses only what stands below it in this list, and the
modules at the root, which all of them use: `errors`, `money` (paise and the one place that rounds), `calendar` (day
counts, due dates, holidays) and `public_ids` (the ids that people see).

- `operations`: the seal on the audit trail, two-person decisions, the timetable of the workers
- `credit`: scores, and the decision on an application
- `cards`: virtual cards
- `reporting`: statements, explanations, simulations, reconciliation
- `payments`: what is taken, where it goes, waivers and write-offs, and changes of the past
- `billing`: bills, cycle by cycle
- `lending`: the loan account: ledger, position, disbursal, settlement
- `offers`: quotes, APR and key facts
- `products`: the terms of a kind of credit, as data
- `schedules`: interest and repayment plans
- `people`: who somebody is, and what they may do
"""

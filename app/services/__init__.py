"""Use cases: load, decide, save. One function for each thing that somebody can ask for.

A use case is handed a `UnitOfWork` (one transaction), loads facts through repositories, asks the domain to decide, and
saves the decision. A package uses only what stands below it in this list, and the modules at the root:
`unit_of_work` (a transaction and the jobs it calls for), `outbox` (doing those jobs once) and `idempotency` (the same
request twice).

- `operations`: running the service: audit, schedule, health, backup, start-up, proposals
- `samples`: generated data
- `imports`: files of customers, loans and bank transactions
- `tables`: reading CSV files and workbooks
- `credit`: scores, eligibility and applications
- `cards`: virtual cards
- `reporting`: statements, explanations, portfolio, reconciliation
- `payments`: payments, reversals and concessions
- `billing`: the daily run
- `lending`: loans: made, looked at, brought up to the business date
- `products`: products and their versions
- `people`: customers, staff, signing in, and identity numbers
"""

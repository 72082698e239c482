"""Use cases: load, decide, save. Each use case is one function.

A use case receives a `UnitOfWork` (one transaction), loads facts through repositories, asks the domain to decide, and
saves the decision. A package imports only packages below it in this list, and the modules at the root:
`unit_of_work` (one transaction and the jobs it enqueues), `outbox` (runs those jobs, each with effect once),
`idempotency` (answers a repeated request with the first answer) and `plain_csv` (reads a CSV file of our own layout).

- `operations`: operating the service: audit, schedule, health, backup, start-up, proposals
- `samples`: generated data
- `imports`: files of customers, loans and bank transactions
- `tables`: reads CSV files and workbooks
- `collections`: the work list, promises to pay, contacts and notes, assignment
- `credit`: scores, eligibility and applications
- `accounting`: the books for finance staff
- `cards`: virtual cards
- `reporting`: statements, explanations, portfolio, reconciliation
- `delinquency`: judges day-ends, corrects classes, and explains them
- `payments`: payments, reversals and concessions
- `billing`: the daily run
- `lending`: disburses loans, reads them, and brings them up to the business date
- `products`: products and their versions
- `events`: tells other programs what happened: the log of events, webhooks
- `rulebook`: the rules of a day, and what breaks one
- `lender`: the lender's profile, and working days
- `people`: customers, staff, signing in, and identity numbers
"""

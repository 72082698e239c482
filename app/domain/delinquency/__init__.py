"""Days past due, asset classes, and what follows from them.

They are judged at the day-end of each business date, and are derived from the life of the loan: a payment that comes
with an earlier value date, or bounces, changes what is derived, and not what was reported.

- `facilities`: what a borrower owes under one loan or card, and since when it is unpaid
- `classes`: the asset classes, and their limits from the rulebook
- `restructurings`: what a restructured loan has to show before it is standard again
- `monitoring`: the monitoring period of a restructured loan, and a default in it
- `standing`: the class of a borrower at one day-end
- `changes`: the history of a borrower's classes, as one row for each change
- `suspense`: the interest of non-performing loans, which is no income until it is received
- `provisions`: what is set aside for the loans of each class
- `bureau`: what a lender tells credit bureaus, as on which days
- `risk`: portfolio at risk, vintages and roll rates
- `class_events`: what other programs are told about classes
- `explanations`: why a loan is so many days past due
"""

"""Days past due and classes: judged at each day-end, corrected when the past turns out otherwise, shown and explained.

- `borrowers`: the facilities of a borrower as they were known on a day
- `day_ends`: the run of a day-end: opened when its date is over, judged by ranges, finished
- `ranges`: judges one range of a day-end, some thousand borrowers
- `suspense`: moves the interest of non-performing loans out of income, and back when it is received
- `corrections`: judges one borrower again after a backdated payment or a reversal
- `facilities`: what cards report of their arrears
- `bureau`: makes the files for credit bureaus, and shows what was said about a borrower
- `risk`: provisions, portfolio at risk, vintages and roll rates of any day
- `views`: a loan's days past due and class on a day, with the reasons
"""

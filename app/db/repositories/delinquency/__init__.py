"""Classes of facilities: what they are judged by, their history, and the day-ends that are judged.

- `borrowers`: the whole books of one borrower, to live the loans again
- `late_facilities`: the arrears of many borrowers at once, for a day-end
- `changes`: the history of classes, and the present states
- `suspense`: which loans have interest to be moved, and how much is in suspense
- `bureau`: files for credit bureaus, and every line that was given
- `risk`: the book of a day by class, vintages and roll rates
- `reported`: the arrears that cards report
- `day_ends`: which day-ends are judged, and what is left of the one that is being judged
"""

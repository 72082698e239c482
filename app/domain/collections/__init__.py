"""Collections: who is called, what they promised, and whether they kept it.

A case is a loan or a card that is past due. Staff contact its borrower inside the hours of the rulebook, write down
what was said, and note promises to pay. Whether a promise is kept follows from the payments alone, so it is judged
again whenever a payment comes late, comes backdated, or bounces.

- `promises`: promises to pay, and which payments keep them
- `contact`: attempts to contact a borrower, inside the lawful hours
- `notes`: what may be written about a borrower
- `cases`: a facility that is past due, as the work list shows it, and what a day-end changes of it
- `work_list`: which cases a list holds, in which order, and how they are dealt to officers
- `collection_events`: what other programs are told
"""

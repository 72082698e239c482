"""The day of those who collect: the work list, promises to pay, contacts and notes, assignment.

- `following`: the job that follows a day-end: cases that open and close, promises that are kept and broken
- `facilities`: finds the loan or card that a request is about, and the staff who may be in charge
- `work_list`: lists open cases, and shows one loan or card
- `exports`: all rows of a list as a file, a part at a time
- `promises`: makes, withdraws and lists promises to pay
- `diary`: notes and contacts, inside the lawful hours
- `assigning`: puts officers in charge, by hand and by filter, and plans what is done next
- `saved_views`: filters of the work list under a name
- `day_view`: what is due, promised, bounced and paid on a day, by officer
"""

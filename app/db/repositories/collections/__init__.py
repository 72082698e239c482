"""The work list and what it is made of.

- `cases`: the work list, page by page, and one case
- `assigning`: who is in charge of cases, one or many
- `promises`: promises to pay, and the payments that they are judged by
- `entries`: the diary
- `followed`: what a day-end needs of many customers, and which day-ends are followed
- `day_view`: what is due, promised, bounced and paid on a day, by officer
- `saved_views`: filters under a name
"""

"""Collections on the API, for staff.

- `case_schemas`: a case, its filters and its parts as they are sent
- `cases`: the work list, its file, and one loan or card account
- `contacts`: notes and contacts
- `promises`: promises to pay
- `assignments`: who is in charge, and what is done next
- `saved_views`: filters under a name
- `day`: a day by officer
"""

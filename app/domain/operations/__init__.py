"""The rules of running the service: controls and the clock.

- `audit`: the chain of seals that shows whether the audit trail was changed
- `proposals`: what one person proposes and another one decides (maker-checker)
- `timetable`: when a task of the schedule runs next
"""

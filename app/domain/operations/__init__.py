"""Rules for running the service.

- `audit`: the chain of seals that shows whether the audit trail was changed
- `proposals`: changes that one person proposes and another decides (maker-checker)
- `timetable`: the next run of a scheduled task
"""

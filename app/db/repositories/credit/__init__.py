"""Applications, scorecards and scores in the database.

- `applications`: applications; a decided one never changes
- `application_lists`: lists of applications
- `key_facts`: what was offered for an application, and its acceptance
- `exposures`: what a customer owes already
- `scoring`: scorecards, scores, and the facts about loans from which a score is computed
"""

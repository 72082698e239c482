"""Applications, scorecards and scores in the database.

- `applications`: applications; a decided one never changes
- `new_applications`: writes applications, alone or with all that follows from them
- `groups`: what a group of applications asks for before it decides
- `application_lists`: lists of applications
- `key_facts`: what was offered for an application, and its acceptance
- `exposures`: what a customer owes already
- `scoring`: scorecards, scores, and the facts about loans from which a score is computed
"""

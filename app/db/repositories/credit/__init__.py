"""Applications, scorecards and scores as rows.

- `applications`: applications; a decided one never changes again
- `scoring`: scorecards, scores, and the facts that loans give to a score
"""

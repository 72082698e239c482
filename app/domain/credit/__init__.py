"""Credit: scores, and the decision to lend.

A scorecard turns facts into a score with its reasons. A decision compares a request and the facts about a customer
with the terms of a product, and names every reason.

- `scoring`: scorecards: facts in, one explained number out
- `scoring_facts`: the facts behind a score, and their form as a stored document
- `scoring_factors`: what a score looks like to the person it is about
- `decisions`: approve, refuse, refer or wait, and at what rate
- `decision_rules`: the rules of a decision, one function for each kind of fact
"""

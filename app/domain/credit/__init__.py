"""Credit: scores, and the decision on an application.

A scorecard computes a score with its reasons from facts. A decision compares a request and the facts about a customer
with the terms of a product, and lists every reason.

- `scoring`: scorecards and scores
- `scoring_facts`: the facts behind a score, and their stored form
- `scoring_factors`: a score in words, for the customer
- `decisions`: approve, refuse, refer or wait, and the rate
- `key_facts`: the key facts of an offer to a person, its validity and its acceptance
- `top_ups`: whether more is lent on a loan, and the key facts of it
- `decision_rules`: the rules of a decision, one function for each kind of fact
"""

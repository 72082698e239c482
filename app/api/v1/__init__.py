"""`/api/v1`, the canonical surface: one package per capability and one module per group of routes, collected here.

A module holds the bodies, the answers and the routes of its group. Each route calls one use case of a service.

- `people`: signing in, service tokens, customers, identity numbers
- `rulebook`: the rules in force
- `products`: products and their versions
- `offers`: quotes and rates
- `lending`: loans
- `billing`: billing runs
- `payments`: payments, reversals, small balances, changes of living loans
- `delinquency`: days past due and classes
- `reporting`: statements, explanations, simulations
- `cards`: virtual cards and card accounts
- `credit`: applications and scores
- `events`: the log of events, webhooks
- `imports`: uploads of files
- `operations`: audit trail, business date, proposals
"""

from typing import Final

from fastapi import APIRouter

from app.api.v1.billing import runs
from app.api.v1.cards import accounts, cards, changes, movements
from app.api.v1.credit import application_lists, applications, scoring
from app.api.v1.delinquency import bureau, classes, risk
from app.api.v1.events import events, webhooks
from app.api.v1.imports import ingestion
from app.api.v1.lending import loan_lists, loans
from app.api.v1.offers import quotes, rates
from app.api.v1.operations import audit, clock, proposals
from app.api.v1.payments import concessions, loan_changes, payment_lists, payments, rate_notices
from app.api.v1.people import access, customer_lists, customers, identity, service_tokens
from app.api.v1.products import calendars, products
from app.api.v1.reporting import explanations, statements
from app.api.v1.rulebook import rules

#: In the order in which a path is matched: the busiest router is first.
ROUTERS: Final = (
    loans.router,
    loan_lists.router,
    payments.router,
    payment_lists.router,
    statements.router,
    access.router,
    service_tokens.router,
    customer_lists.router,
    customers.router,
    identity.router,
    scoring.router,
    products.router,
    application_lists.router,
    applications.router,
    quotes.router,
    rates.router,
    explanations.router,
    classes.router,
    cards.router,
    movements.router,
    accounts.router,
    changes.router,
    proposals.router,
    concessions.router,
    loan_changes.router,
    rate_notices.router,
    calendars.router,
    runs.router,
    ingestion.router,
    events.router,
    webhooks.router,
    audit.router,
    clock.router,
    rules.router,
    risk.router,
    bureau.router,
)


def routers(*, is_production: bool) -> list[APIRouter]:
    """The routers of `/api/v1`."""
    return [*ROUTERS] if is_production else [*ROUTERS, clock.setting_router]

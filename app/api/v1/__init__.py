"""`/api/v1`, the canonical surface: one package per capability and one module per group of routes, collected here.

A module holds the bodies, the answers and the routes of its group. Each route calls one use case of a service.

- `people`: signing in, service tokens, customers, identity numbers
- `lender`: the lender's profile
- `rulebook`: the rules in force
- `products`: products and their versions
- `offers`: quotes and rates
- `lending`: loans
- `billing`: billing runs
- `payments`: payments, reversals, small balances, changes of living loans
- `delinquency`: days past due and classes
- `reporting`: statements, explanations, simulations
- `cards`: virtual cards and card accounts
- `accounting`: the books for finance staff
- `collections`: the work list, promises to pay, notes and contacts
- `credit`: applications and scores
- `events`: the log of events, webhooks
- `imports`: uploads of files
- `operations`: audit trail, business date, proposals
"""

from fastapi import APIRouter

from app.api.v1.accounting import chart, exports, periods, reports
from app.api.v1.billing import runs
from app.api.v1.cards import accounts, cards, changes, movements
from app.api.v1.cards import payment_lists as card_payment_lists
from app.api.v1.cards import statements as card_statements
from app.api.v1.cards import tax_documents as card_tax_documents
from app.api.v1.collections import assignments, cases, contacts, day, saved_views
from app.api.v1.collections import promises as promises_to_pay
from app.api.v1.credit import application_lists, applications, key_facts, scoring
from app.api.v1.delinquency import bureau, classes, risk
from app.api.v1.events import events, webhooks
from app.api.v1.imports import ingestion
from app.api.v1.lender import profiles
from app.api.v1.lending import loan_lists, loans
from app.api.v1.offers import quotes, rates
from app.api.v1.operations import audit, clock, proposals
from app.api.v1.payments import charges, concessions, loan_changes, payment_lists, payments, rate_notices
from app.api.v1.people import access, customer_lists, customers, identity, service_tokens
from app.api.v1.products import calendars, products
from app.api.v1.reporting import explanations, gst, papers, statements, tax_documents
from app.api.v1.rulebook import rules

_CARDS = (cards.router, movements.router, accounts.router, changes.router, card_payment_lists.router)
_PAPERS = (papers.router, key_facts.router, card_statements.router, profiles.router)
_TAX = (gst.router, tax_documents.router, card_tax_documents.router)
_CHANGES = (loan_changes.router, rate_notices.router, calendars.router)
_OPERATIONS = (audit.router, clock.router, rules.router)
#: The books for finance staff.
_BOOKS = (chart.router, reports.router, periods.router, exports.router)
_COLLECTIONS = (
    cases.router, contacts.router, promises_to_pay.router, assignments.router, saved_views.router, day.router,
)  # fmt: skip


def routers(*, is_production: bool) -> list[APIRouter]:
    """The routers of `/api/v1`, in the order in which a path is matched: the busiest router is first."""
    collected: list[APIRouter] = [
        loans.router,
        loan_lists.router,
        payments.router,
        payment_lists.router,
        charges.router,
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
        *_CARDS,
        proposals.router,
        concessions.router,
        *_CHANGES,
        runs.router,
        ingestion.router,
        events.router,
        webhooks.router,
        *_OPERATIONS,
        risk.router,
        bureau.router,
        *_PAPERS,
        *_TAX,
        *_BOOKS,
        *_COLLECTIONS,
    ]
    return collected if is_production else [*collected, clock.setting_router]

"""`/api/v1`, the canonical surface: one module a capability, collected here."""

from fastapi import APIRouter

from app.api.v1 import (
    access,
    applications,
    audit,
    billing,
    cards,
    clock,
    concessions,
    customers,
    explanations,
    identity,
    ingestion,
    loans,
    payments,
    products,
    proposals,
    quotes,
    rates,
    scoring,
    service_tokens,
    statements,
)


def routers(*, is_production: bool) -> list[APIRouter]:
    """The routers of `/api/v1`, in the order in which an address is held against them: the busiest first."""
    collected: list[APIRouter] = [
        loans.router,
        payments.router,
        statements.router,
        access.router,
        service_tokens.router,
        customers.router,
        identity.router,
        scoring.router,
        products.router,
        applications.router,
        quotes.router,
        rates.router,
        explanations.router,
        cards.router,
        proposals.router,
        concessions.router,
        billing.router,
        ingestion.router,
        audit.router,
        clock.router,
    ]
    if not is_production:
        collected.append(clock.setting_router)
    return collected

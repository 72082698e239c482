"""What other programs are told about applications and scores."""

from datetime import date
from typing import Any

from app.db.repositories.credit.applications import StoredApplication
from app.domain.credit.scoring import Scored
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened
from app.domain.people.aadhaar import hide_numbers
from app.domain.public_ids import format_application_id, format_loan_id, format_score_id, format_user_id


def application_event(application: StoredApplication) -> Happened:
    """An application with its status. Its purpose is free text, so what may be an identity number is masked."""
    decided_on, loan_id = application.decided_on, application.loan_id
    data: dict[str, Any] = {
        "application_id": format_application_id(application.id),
        "user_id": format_user_id(application.customer_id),
        "status": application.status,
        "product": application.product_code,
        "product_version": application.product_version,
        "amount_paise": application.amount_paise,
        "tenure_months": application.instalments,
        "annual_rate_percent": None
        if application.annual_rate_percent is None
        else format(application.annual_rate_percent.normalize(), "f"),
        "purpose": application.purpose and hide_numbers(application.purpose),
        "reasons": application.reasons,
        "loan_id": None
        if loan_id is None or decided_on is None
        else format_loan_id(year=_year_of_loan(application, decided_on), number=loan_id),
        "applied_on": application.applied_on.isoformat(),
        "decided_on": decided_on and decided_on.isoformat(),
        "expires_on": application.expires_on and application.expires_on.isoformat(),
    }
    kind = EventType(f"application.{application.status}")
    return Happened(type=kind, customer_id=application.customer_id, data=data)


def _year_of_loan(application: StoredApplication, decided_on: date) -> int:
    """A loan is disbursed on the day of the decision; more is lent on one that is older."""
    return decided_on.year if application.top_up is None else int(application.top_up["year"])


def score_changed(customer_id: int, scored: Scored, *, score_id: int) -> Happened:
    """A customer's new score."""
    data = {
        "score_id": format_score_id(score_id),
        "user_id": format_user_id(customer_id),
        "scorecard": scored.scorecard,
        "scorecard_version": scored.version,
        "score": float(scored.score),
        "as_of": scored.as_of.isoformat(),
        "factors": {
            "payment_history": scored.factors.payment_history,
            "credit_utilization": scored.factors.credit_utilization,
            "credit_age": scored.factors.credit_age,
        },
    }
    return Happened(type=EventType.SCORE_CHANGED, customer_id=customer_id, data=data)

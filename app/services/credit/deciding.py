"""An application and what a decision makes of it, as rows: alone or in a group it is the same."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.db.repositories.audit import Act, Trace
from app.db.repositories.credit.applications import StoredApplication, reason_documents
from app.domain.credit.decisions import CreditRequest, Decision, Outcome, Reason
from app.domain.lending.agreements import agreement_document
from app.domain.products.products import Product
from app.services.credit import offers
from app.services.credit.eligibility import ApplicationRequest, ApplicationStatus, fingerprint_of
from app.services.lending.disbursal import LoanOrder
from app.services.unit_of_work import UnitOfWork

#: How long an application waits for a score. On the day this ends, it has expired.
PENDING_FOR = timedelta(days=30)


async def new_application(
    uow: UnitOfWork,
    request: ApplicationRequest,
    *,
    number: int,
    product: Product,
    asked: CreditRequest,
    reasons: Sequence[Reason],
) -> StoredApplication:
    """An application of the business date that is not decided yet."""
    today = await uow.business_date()
    return StoredApplication(
        customer_id=request.customer_id,
        id=number,
        product_code=product.code,
        product_version=product.version,
        amount_paise=asked.amount_paise,
        instalments=asked.instalments,
        requested_rate_percent=asked.annual_rate_percent,
        annual_rate_percent=None,
        purpose=request.purpose,
        agreement=None if asked.agreement is None else agreement_document(asked.agreement),
        fingerprint=fingerprint_of(product, asked),
        status=ApplicationStatus.PENDING,
        reasons=reason_documents(reasons),
        score_id=None,
        loan_id=None,
        account_id=None,
        applied_on=today,
        expires_on=today + PENDING_FOR,
        decided_on=None,
        created_at=uow.now,
        actor=uow.actor.label,
    )


def decided_columns(decision: Decision, *, score_id: int | None) -> dict[str, Any]:
    """The columns that a decision sets, without those of what is made on approval."""
    approved = decision.outcome is Outcome.APPROVE
    return {
        "status": ApplicationStatus.APPROVED if approved else ApplicationStatus.REFUSED,
        "annual_rate_percent": decision.annual_rate_percent,
        "reasons": reason_documents(decision.reasons),
        "score_id": score_id,
    }


def order_of(application: StoredApplication, product: Product, *, annual_rate_percent: Decimal) -> LoanOrder:
    """The loan of an application that is approved at a rate."""
    return LoanOrder(
        customer_id=application.customer_id,
        product=product,
        amount_paise=application.amount_paise,
        instalments=application.instalments,
        annual_rate_percent=annual_rate_percent,
        application_id=application.id,
        purpose=application.purpose,
        chosen=offers.agreement_in(application),
    )


def decision_act(application: StoredApplication, trace: Trace) -> Act:
    """What the audit trail says of a decision."""
    return Act(
        action=f"application_{application.status}",
        object_kind="application",
        object_id=str(application.id),
        customer_id=application.customer_id,
        trace=trace,
    )

"""Applying for credit: the decision, and on approval the loan, in one transaction.

The customer's row is locked first, so one application of a customer is decided at a time: two that arrive together
cannot both use the same limit, and the second of two equal ones finds the first. Facts are read under that lock, then
`app.domain.credit.decisions` decides. A refusal is returned, because raising it would roll back its record.

If the product waits for a score, an application without one is stored as pending. The worker that stores the score
decides it (`decide_pending`), on that day's facts. For other products a missing fact is an error: nothing is stored.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.db.repositories import audit as audit_repository
from app.db.repositories.credit import applications as repository
from app.db.repositories.credit import new_applications as new_application_repository
from app.db.repositories.credit.applications import ApplicationNotFound, FirstPlan, StoredApplication
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customers import Profile
from app.db.repositories.products import products as product_repository
from app.domain.credit.decisions import CreditRequest, Outcome
from app.domain.errors import Rejected
from app.domain.lending.agreements import agreed_terms
from app.domain.people.customers import CustomerNotFound
from app.domain.products.products import Product
from app.services.cards import cards, opening
from app.services.credit import offers
from app.services.credit.credit_events import application_event
from app.services.credit.deciding import decided_columns, decision_act, new_application, order_of
from app.services.credit.eligibility import (
    ApplicationReferred,
    ApplicationRequest,
    ApplicationStatus,
    ApplicationWaiting,
    Assessment,
    ScoreNotAvailable,
    assess,
    chosen_of,
    fingerprint_of,
    insist_on_facts,
)
from app.services.events.publishing import publish
from app.services.lending.disbursal import disburse_loan
from app.services.products.products import get_current_product
from app.services.unit_of_work import UnitOfWork

__all__ = [
    "ApplicationReferred", "ApplicationRequest", "ApplicationStatus", "ApplicationView", "ApplicationWaiting",
    "DisbursalDateNotOffered", "ScoreNotAvailable", "apply", "decide_pending", "expire_pending", "view_application",
]  # fmt: skip

#: An equal application within this time is taken for a repeat of the first.
REPEAT_WINDOW = timedelta(minutes=1)


class DisbursalDateNotOffered(Rejected):
    """The application asks for another day of disbursal than the business date. Leave the date out."""

    code = "disbursal_date_not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """An application with its status, and the first plan of its loan if it was approved."""

    application: StoredApplication
    status: ApplicationStatus
    plan: FirstPlan | None


async def apply(uow: UnitOfWork, request: ApplicationRequest, *, repeat_allowed: bool = False) -> ApplicationView:
    """Decides an application; on approval makes and disburses the loan. With `repeat_allowed` an application equal to a
    recent one is a new application: the caller sent an idempotency key.

    Raises CustomerNotFound, ProductUnknown, DisbursalDateNotOffered, ScoreNotAvailable, ApplicationReferred,
    ApplicationWaiting, and what `credit_request` and `decide` raise.
    """
    profile = await _lock_customer(uow, request.customer_id)
    if request.disburse_on not in (None, today := await uow.business_date()):
        raise DisbursalDateNotOffered(
            f"a loan is disbursed on the business date, {today}", field="disbursement_date", business_date=today
        )
    product = await get_current_product(uow, request.product_code)
    chosen, asked = await chosen_of(uow, product, request)
    fingerprint = fingerprint_of(product, asked)
    if not repeat_allowed:
        since = uow.now - REPEAT_WINDOW
        first = await repository.find_recent_application(
            uow.session, request.customer_id, fingerprint=fingerprint, since=since
        )
        if first is not None:
            return await view_of(uow, first)
    if offers.waits_for_acceptance(product):
        lapsed = await offers.check_offers(uow, request, product)
        if lapsed is not None:
            await expire(uow, lapsed)
    waiting = await _find_waiting(uow, request.customer_id, product)
    if waiting is not None and waiting.fingerprint == fingerprint:
        return await _settle(uow, waiting, profile)
    assessment = await assess(uow, chosen, asked, profile)
    if waiting is not None and assessment.decision.outcome is Outcome.WAIT:
        raise ApplicationWaiting("an application for this product waits for the score", field="product")
    insist_on_facts(assessment.decision)
    return await _store(uow, request, product=product, asked=asked, assessment=assessment)


async def view_application(uow: UnitOfWork, application_id: int) -> ApplicationView:
    """An application, shown to its applicant and to staff. Raises ApplicationNotFound."""
    application = await repository.get_application(uow.session, application_id)
    if not uow.actor.may_see(application.customer_id):
        raise ApplicationNotFound("there is no such application", field="application_id")
    return await view_of(uow, application)


async def decide_pending(uow: UnitOfWork, customer_id: int) -> list[ApplicationView]:
    """Decides a customer's pending applications on the facts of the business date. One that still lacks a fact stays
    pending.

    The job that follows a score calls it; a second run changes nothing. If another transaction holds the customer's
    lock, it fails as busy instead of waiting, and the job is tried again.
    """
    await repository.lock_customer_at_once(uow.session, customer_id)
    profile = await customer_repository.get_profile(uow.session, customer_id)
    waiting = await repository.lock_pending_applications(uow.session, customer_id)
    return [await _settle(uow, application, profile) for application in waiting]


async def expire_pending(uow: UnitOfWork) -> int:
    """Expires the applications that waited too long for a score, and returns how many."""
    today = await uow.business_date()
    expired = await repository.expire_applications(uow.session, on=today)
    if expired:
        await publish(uow, *map(application_event, expired))
        details = {"applications": len(expired)}
        await uow.record("applications_expired", object_kind="day", object_id=today.isoformat(), details=details)
    return len(expired)


# --- deciding ---


async def _lock_customer(uow: UnitOfWork, customer_id: int) -> Profile:
    """Locks the customer, so that only one application is decided at a time. Raises CustomerNotFound."""
    if not uow.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    return await customer_repository.lock_profile(uow.session, customer_id)


async def _find_waiting(uow: UnitOfWork, customer_id: int, product: Product) -> StoredApplication | None:
    """The pending application for this product. Expires one whose time is over."""
    found = await repository.lock_pending_applications(uow.session, customer_id, product_code=product.code)
    for application in found:
        if not offers.is_over(application, await uow.business_date()):
            return application
        await expire(uow, application)
    return None


async def expire(uow: UnitOfWork, application: StoredApplication) -> ApplicationView:
    """Expires an application whose time is over. The customer is locked."""
    return await _update(uow, application, status=ApplicationStatus.EXPIRED)


async def _settle(uow: UnitOfWork, application: StoredApplication, profile: Profile) -> ApplicationView:
    """Decides a locked, pending application: under the product version it was made for, on today's facts."""
    if offers.is_over(application, await uow.business_date()):
        return await expire(uow, application)
    product = await product_repository.get_product(uow.session, application.product_code, application.product_version)
    agreement = offers.agreement_in(application)
    asked = CreditRequest(
        amount_paise=application.amount_paise,
        instalments=application.instalments,
        annual_rate_percent=application.requested_rate_percent,
        agreement=agreement,
    )
    chosen = replace(product, repayment=agreed_terms(product.repayment, agreement))
    assessment = await assess(uow, chosen, asked, profile)
    decision = assessment.decision
    if decision.outcome in (Outcome.WAIT, Outcome.REFER):
        return await view_of(uow, application)
    result, plan = await _result(uow, application, product=product, assessment=assessment)
    return await _update(uow, application, plan=plan, **result)


# --- keeping ---


async def _store(
    uow: UnitOfWork,
    request: ApplicationRequest,
    *,
    product: Product,
    asked: CreditRequest,
    assessment: Assessment,
) -> ApplicationView:
    """Writes a new application with its decision."""
    number = await repository.next_application_number(uow.session)
    reasons = assessment.decision.reasons
    application = await new_application(uow, request, number=number, product=product, asked=asked, reasons=reasons)
    plan = None
    if assessment.decision.outcome is not Outcome.WAIT:
        result, plan = await _result(uow, application, product=product, assessment=assessment)
        application = replace(application, decided_on=application.applied_on, **({"expires_on": None} | result))
    await new_application_repository.add_application(uow.session, application)
    return await record_decision(uow, application, plan=plan)


async def _result(
    uow: UnitOfWork, application: StoredApplication, *, product: Product, assessment: Assessment
) -> tuple[dict[str, Any], FirstPlan | None]:
    """The columns that a decision sets. On approval this makes the loan with its card if any, or opens the account."""
    decision, plan = assessment.decision, None
    approved = decision.outcome is Outcome.APPROVE
    result = decided_columns(decision, score_id=assessment.score_id)
    if approved and offers.waits_for_acceptance(product):
        offered = await offers.make(uow, application, product, rate_percent=decision.annual_rate_percent)
        result |= offered | {"status": ApplicationStatus.OFFERED}
    elif approved and product.card is not None:
        result |= await opening.open_for_application(uow, application, product=product)
    elif approved:
        loan = await disburse_loan(
            uow, order_of(application, product, annual_rate_percent=decision.annual_rate_percent)
        )
        result["loan_id"] = loan.loan_id
        plan = FirstPlan.of(loan)
        if product.offer.issues_card:
            await cards.issue_card(uow, loan)
    return result, plan


async def _update(
    uow: UnitOfWork, application: StoredApplication, *, plan: FirstPlan | None = None, **result: Any
) -> ApplicationView:
    """Writes the result of a pending application."""
    values = {**result, "decided_on": await uow.business_date()}
    await repository.update_waiting(uow.session, application, values)
    return await record_decision(uow, replace(application, **values), plan=plan)


async def record_decision(
    uow: UnitOfWork, application: StoredApplication, *, plan: FirstPlan | None
) -> ApplicationView:
    """Writes the decision into the audit trail with the key facts of an offer, and tells other programs."""
    await audit_repository.add_event(uow.session, decision_act(application, uow.trace))
    if application.status == ApplicationStatus.OFFERED and application.top_up is None:
        await offers.issue(uow, application)
    await publish(uow, application_event(application))
    return await view_of(uow, application, plan=plan)


async def view_of(uow: UnitOfWork, application: StoredApplication, *, plan: FirstPlan | None = None) -> ApplicationView:
    """An application as it is shown. The plan of a loan that was just made is known."""
    status = ApplicationStatus(application.status)
    if status in (ApplicationStatus.PENDING, ApplicationStatus.OFFERED) and offers.is_over(
        application, await uow.business_date()
    ):
        # The nightly job has not run yet; the application has expired already.
        status = ApplicationStatus.EXPIRED
    if application.loan_id is not None and plan is None:
        key = LoanKey(application.customer_id, application.loan_id)
        plan = await repository.get_first_plan(uow.session, key, top_up=application.top_up)
    return ApplicationView(application=application, status=status, plan=plan)

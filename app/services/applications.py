"""Applying for credit: one decision, and on approval the loan, in the transaction that made it.

The customer's row is locked first, so that a customer has one application being decided at a time: two that arrive
together cannot both fit under one limit, and the second of two equal ones finds the first. Facts are read under that
lock, `app.domain.decisions` decides, and the application is stored with all its reasons. A refusal is an answer and
not an error: raising would roll back the record of it.

Where the product waits for the score, an application made before it is kept and decided by the worker that stores the
score (`decide_pending`), on the facts of that day. Everywhere else a missing fact is said, and nothing is stored.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.db.repositories import applications as repository
from app.db.repositories import bank_transactions as bank_repository
from app.db.repositories import customers as customer_repository
from app.db.repositories import loans as loan_repository
from app.db.repositories import products as product_repository
from app.db.repositories.applications import ApplicationNotFound, FirstPlan, StoredApplication
from app.db.repositories.customers import Profile
from app.domain.customers import CustomerNotFound
from app.domain.decisions import SCORE_PENDING, ApplicantFacts, CreditRequest, Decision, Outcome, Reason, decide
from app.domain.errors import Conflict, Invalid
from app.domain.products import OfferTerms, Product
from app.domain.schedule_terms import check_size
from app.domain.scoring import LOAN_HISTORY
from app.services.loans import disburse_loan
from app.services.products import get_current_product
from app.services.scoring import compute_score, find_score
from app.services.work import Work

#: The same application within this time is the same application.
REPEAT_WINDOW = timedelta(minutes=1)
#: How long an application waits for a score. Half-open: on the last day it is over.
PENDING_FOR = timedelta(days=30)


class ApplicationStatus(StrEnum):
    """What became of an application."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


class AmountRequired(Invalid):
    """The product lends any amount within its bounds, and the application names none."""

    code = "amount_required"


class TenureRequired(Invalid):
    """The product leaves the number of instalments open, and the application names none."""

    code = "tenure_required"


class ScoreNotAvailable(Conflict):
    """The score is still being computed. This is not a refusal: the same application may be approved later."""

    code = "score_not_available"


class ApplicationReferred(Conflict):
    """A fact that the decision needs is not known. This is not a refusal either."""

    code = "application_referred"


class ApplicationWaiting(Conflict):
    """Another application for the same product waits for the score."""

    code = "application_waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRequest:
    """An application as made. What the product fixes may be left out."""

    customer_id: int
    product_code: str
    amount_paise: int | None
    instalments: int | None
    annual_rate_percent: Decimal | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """An application as it stands, and the plan of the loan it led to."""

    application: StoredApplication
    status: ApplicationStatus
    plan: FirstPlan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assessment:
    """A decision, and the score it rests on."""

    decision: Decision
    score_id: int | None


async def apply(work: Work, request: ApplicationRequest, *, repeat_allowed: bool = False) -> ApplicationView:
    """Decides an application; approved, the loan is made and disbursed. `repeat_allowed`: the caller says by a key of
    their own that this is another application, however much it looks like the last.

    Raises CustomerNotFound, ProductUnknown, AmountRequired, TenureRequired, AnnualRateRequired, AnnualRateFixed,
    ScoreNotAvailable, ApplicationReferred, ApplicationWaiting, and what `check_size` raises.
    """
    profile = await _lock_customer(work, request.customer_id)
    product = await get_current_product(work, request.product_code)
    asked = credit_request(product.offer, request)
    fingerprint = _fingerprint(product, asked)
    if not repeat_allowed:
        since = work.now - REPEAT_WINDOW
        first = await repository.find_recent_application(
            work.session, request.customer_id, fingerprint=fingerprint, since=since
        )
        if first is not None:
            return await _view(work, first)
    waiting = await _find_waiting(work, request.customer_id, product)
    if waiting is not None and waiting.fingerprint == fingerprint:
        return await _settle(work, waiting, profile)
    assessment = await _assess(work, product, asked, profile)
    if waiting is not None and assessment.decision.outcome is Outcome.WAIT:
        raise ApplicationWaiting("an application for this product waits for the score", field="product")
    _refuse_unless_decided(assessment.decision)
    return await _store(work, request, product=product, asked=asked, fingerprint=fingerprint, assessment=assessment)


async def check_eligibility(work: Work, request: ApplicationRequest) -> Decision:
    """What an application would be decided today. Nothing is stored but the score."""
    if not work.actor.may_see(request.customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    profile = await customer_repository.get_profile(work.session, request.customer_id)
    product = await get_current_product(work, request.product_code)
    return (await _assess(work, product, credit_request(product.offer, request), profile)).decision


async def view_application(work: Work, application_id: int) -> ApplicationView:
    """An application, for the applicant or for staff. Raises ApplicationNotFound."""
    application = await repository.get_application(work.session, application_id)
    if not work.actor.may_see(application.customer_id):
        raise ApplicationNotFound("there is no such application", field="application_id")
    return await _view(work, application)


async def decide_pending(work: Work, customer_id: int) -> list[ApplicationView]:
    """Decides what a customer has waiting, on the facts of the business date; what still lacks a fact stays pending."""
    profile = await _lock_customer(work, customer_id)
    waiting = await repository.lock_pending_applications(work.session, customer_id)
    return [await _settle(work, application, profile) for application in waiting]


async def expire_pending(work: Work) -> int:
    """Ends the applications that waited too long for a score; answers how many."""
    return await repository.expire_applications(work.session, on=await work.business_date())


def credit_request(offer: OfferTerms, request: ApplicationRequest) -> CreditRequest:
    """What is asked for, with what the product fixes filled in. Raises AmountRequired, TenureRequired, and what
    `check_size` raises for what no product could lend."""
    least, most = offer.amount_paise
    amount = request.amount_paise if request.amount_paise is not None or least != most else least
    if amount is None:
        raise AmountRequired("this product needs an amount", field="amount")
    shortest, longest = offer.tenure
    instalments = request.instalments if request.instalments is not None or shortest != longest else shortest
    if instalments is None:
        raise TenureRequired("this product needs a tenure", field="tenure_months")
    check_size(amount_paise=amount, instalments=instalments, annual_rate_percent=request.annual_rate_percent)
    return CreditRequest(
        amount_paise=amount, instalments=instalments, annual_rate_percent=request.annual_rate_percent
    )


# --- deciding ---


async def _lock_customer(work: Work, customer_id: int) -> Profile:
    """Makes this the only application of a customer that is being decided. Raises CustomerNotFound."""
    if not work.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    await customer_repository.lock_customer(work.session, customer_id)
    return await customer_repository.get_profile(work.session, customer_id)


async def _assess(work: Work, product: Product, asked: CreditRequest, profile: Profile) -> _Assessment:
    """Gathers the facts of the day and decides on them."""
    offer = product.offer
    if offer.scorecard == LOAN_HISTORY:
        # The other card is computed by a worker; this one is cheap, and always there.
        await compute_score(work, profile.customer_id, scorecard=offer.scorecard)
    score = await find_score(work, profile.customer_id, scorecard=offer.scorecard)
    income_paise, estimated = profile.annual_income_paise, False
    if income_paise is None:
        bank = await bank_repository.get_bank_facts(work.session, profile.customer_id)
        income_paise, estimated = (bank.recent_credits_paise, True) if bank.transactions else (None, False)
    exposures = await loan_repository.list_active_exposures(work.session, profile.customer_id)
    facts = ApplicantFacts(
        score=None if score is None else score.score,
        annual_income_paise=income_paise,
        income_estimated=estimated,
        approved_limit_paise=profile.approved_limit_paise,
        active_principal_paise=sum(loan.principal_paise for loan in exposures),
        active_emi_paise=sum(loan.emi_paise for loan in exposures),
        active_loans_of_product=sum(loan.product_code == product.code for loan in exposures),
    )
    decision = decide(product, request=asked, facts=facts, on=await work.business_date())
    return _Assessment(decision=decision, score_id=None if score is None else score.id)


def _refuse_unless_decided(decision: Decision) -> None:
    """A missing fact is no decision. Raises ScoreNotAvailable, ApplicationReferred."""
    if decision.outcome is not Outcome.REFER:
        return
    reasons = reason_documents(decision.reasons)
    if any(reason.code == SCORE_PENDING for reason in decision.reasons):
        raise ScoreNotAvailable("the credit score is not available yet; this is not a refusal", reasons=reasons)
    raise ApplicationReferred("a fact that the decision needs is not known; this is not a refusal", reasons=reasons)


async def _find_waiting(work: Work, customer_id: int, product: Product) -> StoredApplication | None:
    """The application that waits for this product's score; one whose time is over is ended on the way."""
    found = await repository.lock_pending_applications(work.session, customer_id, product_code=product.code)
    for application in found:
        if not _is_over(application, await work.business_date()):
            return application
        await _update(work, application, status=ApplicationStatus.EXPIRED)
    return None


async def _settle(work: Work, application: StoredApplication, profile: Profile) -> ApplicationView:
    """Decides a locked, pending application under the terms it was made for, on today's facts."""
    if _is_over(application, await work.business_date()):
        return await _update(work, application, status=ApplicationStatus.EXPIRED)
    product = await product_repository.get_product(
        work.session, application.product_code, application.product_version
    )
    asked = CreditRequest(
        amount_paise=application.amount_paise,
        instalments=application.instalments,
        annual_rate_percent=application.requested_rate_percent,
    )
    assessment = await _assess(work, product, asked, profile)
    decision = assessment.decision
    if decision.outcome in (Outcome.WAIT, Outcome.REFER):
        return await _view(work, application)
    result = await _result(work, application, product=product, assessment=assessment)
    return await _update(work, application, **result)


# --- keeping ---


async def _store(
    work: Work,
    request: ApplicationRequest,
    *,
    product: Product,
    asked: CreditRequest,
    fingerprint: bytes,
    assessment: _Assessment,
) -> ApplicationView:
    """Writes a new application with what was decided of it."""
    today = await work.business_date()
    application = StoredApplication(
        customer_id=request.customer_id,
        id=await repository.next_application_number(work.session),
        product_code=product.code,
        product_version=product.version,
        amount_paise=asked.amount_paise,
        instalments=asked.instalments,
        requested_rate_percent=asked.annual_rate_percent,
        annual_rate_percent=None,
        purpose=request.purpose,
        fingerprint=fingerprint,
        status=ApplicationStatus.PENDING,
        reasons=reason_documents(assessment.decision.reasons),
        score_id=None,
        loan_id=None,
        applied_on=today,
        expires_on=today + PENDING_FOR,
        decided_on=None,
        created_at=work.now,
        actor=work.actor.label,
    )
    if assessment.decision.outcome is not Outcome.WAIT:
        result = await _result(work, application, product=product, assessment=assessment)
        application = replace(application, decided_on=today, expires_on=None, **result)
    await repository.add_application(work.session, application)
    return await _view(work, application)


async def _result(
    work: Work, application: StoredApplication, *, product: Product, assessment: _Assessment
) -> dict[str, Any]:
    """What a decision makes of an application; approved, its loan is made here."""
    decision = assessment.decision
    result: dict[str, Any] = {
        "status": ApplicationStatus.REFUSED,
        "annual_rate_percent": decision.annual_rate_percent,
        "reasons": reason_documents(decision.reasons),
        "score_id": assessment.score_id,
    }
    if decision.outcome is Outcome.APPROVE:
        loan = await disburse_loan(
            work,
            customer_id=application.customer_id,
            product=product,
            amount_paise=application.amount_paise,
            instalments=application.instalments,
            annual_rate_percent=decision.annual_rate_percent,
            application_id=application.id,
            purpose=application.purpose,
        )
        result |= {"status": ApplicationStatus.APPROVED, "loan_id": loan.loan_id}
    return result


async def _update(work: Work, application: StoredApplication, **result: Any) -> ApplicationView:
    """Writes what became of a pending application."""
    values = {**result, "decided_on": await work.business_date()}
    await repository.update_pending(work.session, application, values)
    return await _view(work, replace(application, **values))


async def _view(work: Work, application: StoredApplication) -> ApplicationView:
    status = ApplicationStatus(application.status)
    if status is ApplicationStatus.PENDING and _is_over(application, await work.business_date()):
        # The nightly job has not come by yet; what it will write is true already.
        status = ApplicationStatus.EXPIRED
    plan = None
    if application.loan_id is not None:
        plan = await repository.get_first_plan(work.session, application.customer_id, application.loan_id)
    return ApplicationView(application=application, status=status, plan=plan)


def _is_over(application: StoredApplication, today: date) -> bool:
    return application.expires_on is not None and today >= application.expires_on


def _fingerprint(product: Product, asked: CreditRequest) -> bytes:
    """What makes two applications of a customer the same: product, amount and tenure."""
    return hashlib.sha256(f"{product.code}|{asked.amount_paise}|{asked.instalments}".encode()).digest()


def reason_documents(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Reasons as they are kept and shown: scores and percentages as numbers, money in paise by name."""
    return [
        {"code": reason.code, "message": reason.message, "figures": _figures(reason.figures)} for reason in reasons
    ]


def _figures(figures: Mapping[str, object]) -> dict[str, object]:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in figures.items()}

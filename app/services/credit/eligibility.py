"""Reads the facts about a customer and decides on them, for an application or for an eligibility check.

The facts are those of the business date: the latest score of the product's scorecard, the declared income (or one
estimated from bank transactions, and marked as estimated), the approved limit, the principal and EMIs of active loans,
what is owed on card accounts and their minimum dues, and how many loans were written off.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.db.repositories.credit.applications import reason_documents
from app.db.repositories.credit.exposures import Exposures, get_exposures
from app.db.repositories.imports import bank_transactions as bank_repository
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customers import Profile
from app.domain.credit.decisions import (
    SCORE_PENDING,
    ApplicantFacts,
    CreditRequest,
    Decision,
    Outcome,
    credit_request,
    decide,
)
from app.domain.credit.scoring import LOAN_HISTORY
from app.domain.errors import Conflict
from app.domain.lending.agreements import agreed_terms
from app.domain.people.customers import CustomerNotFound
from app.domain.products.products import Product, Rhythm
from app.services.credit.scoring import compute_score, find_score
from app.services.lending.agreements import agree_on
from app.services.products.products import get_current_product
from app.services.unit_of_work import UnitOfWork


class ScoreNotAvailable(Conflict):
    """The score is still being computed; this is not a refusal. Apply again when the score is there."""

    code = "score_not_available"


class ApplicationReferred(Conflict):
    """The decision needs a fact that is not known; this is not a refusal. Add what `figures.reasons` names, and apply
    again."""

    code = "application_referred"


class ApplicationWaiting(Conflict):
    """Another application of this customer for the same product waits for the score. Wait until it is decided."""

    code = "application_waiting"


class ApplicationStatus(StrEnum):
    """The status of an application."""

    PENDING = "pending"
    OFFERED = "offered"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRequest:
    """An application as requested. Terms that the product fixes may be None. `disburse_on` may only be the business
    date. Where the surface cannot accept key facts, `can_accept` is False. Amounts in paise."""

    customer_id: int
    product_code: str
    amount_paise: int | None
    instalments: int | None
    annual_rate_percent: Decimal | None = None
    purpose: str | None = None
    disburse_on: date | None = None
    can_accept: bool = True
    first_due_on: date | None = None
    rhythm: Rhythm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A decision, and the score that it used."""

    decision: Decision
    score_id: int | None


async def check_eligibility(uow: UnitOfWork, request: ApplicationRequest) -> Decision:
    """The decision that an application would get today. Nothing is stored, except a score that had to be computed.

    Raises CustomerNotFound, ProductUnknown, ScoreNotAvailable, ApplicationReferred, and what `credit_request` and
    `decide` raise.
    """
    if not uow.actor.may_see(request.customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    profile = await customer_repository.get_profile(uow.session, request.customer_id)
    product = await get_current_product(uow, request.product_code)
    decision = (await assess(uow, product, asked_of(product, request), profile)).decision
    insist_on_facts(decision)
    return decision


def insist_on_facts(decision: Decision) -> None:
    """Raises ScoreNotAvailable or ApplicationReferred if the decision lacks a fact."""
    if decision.outcome is not Outcome.REFER:
        return
    reasons = reason_documents(decision.reasons)
    if any(reason.code == SCORE_PENDING for reason in decision.reasons):
        raise ScoreNotAvailable("the credit score is not available yet; this is not a refusal", reasons=reasons)
    raise ApplicationReferred("a fact that the decision needs is not known; this is not a refusal", reasons=reasons)


def asked_of(product: Product, request: ApplicationRequest) -> CreditRequest:
    """The credit that an application asks for, with the product's fixed terms. Raises what `credit_request` raises."""
    return credit_request(
        product.offer,
        amount_paise=request.amount_paise,
        instalments=request.instalments,
        annual_rate_percent=request.annual_rate_percent,
    )


async def chosen_of(uow: UnitOfWork, product: Product, request: ApplicationRequest) -> tuple[Product, CreditRequest]:
    """The product with the rhythm that the applicant chose, and the credit that is asked for.

    Raises what `asked_of` and `agree_on` raise.
    """
    asked = asked_of(product, request)
    if request.first_due_on is None and request.rhythm is None:
        return product, asked
    agreement = await agree_on(
        uow, product, annual_rate_percent=None, first_due_on=request.first_due_on, rhythm=request.rhythm
    )
    chosen = replace(product, repayment=agreed_terms(product.repayment, agreement))
    return chosen, replace(asked, agreement=agreement)


def fingerprint_of(product: Product, asked: CreditRequest) -> bytes:
    """A hash of product, amount and tenure. Two applications of a customer with one fingerprint are equal."""
    chosen = "" if asked.agreement is None else f"|{asked.agreement.first_due_on}|{asked.agreement.rhythm}"
    return hashlib.sha256(f"{product.code}|{asked.amount_paise}|{asked.instalments}{chosen}".encode()).digest()


async def assess(uow: UnitOfWork, product: Product, asked: CreditRequest, profile: Profile) -> Assessment:
    """Reads the facts of the business date and decides on them."""
    facts, score_id = await read_facts(uow, product, profile)
    decision = decide(product, request=asked, facts=facts, on=await uow.business_date())
    return Assessment(decision=decision, score_id=score_id)


async def read_facts(uow: UnitOfWork, product: Product, profile: Profile) -> tuple[ApplicantFacts, int | None]:
    """The facts of the business date that a decision about a product reads, and the score among them."""
    scorecard = product.offer.scorecard
    if scorecard == LOAN_HISTORY:
        # A worker computes the bank balance card. This one is cheap and always gives a score.
        await compute_score(uow, profile.customer_id, scorecard=scorecard)
    score = await find_score(uow, profile.customer_id, scorecard=scorecard)
    income_paise, estimated = await _income(uow, profile)
    exposures = await get_exposures(uow.session, profile.customer_id, on=await uow.business_date())
    facts = facts_of(product, profile, exposures, score=None if score is None else score.score)
    facts = replace(facts, annual_income_paise=income_paise, income_estimated=estimated)
    return facts, None if score is None else score.id


def facts_of(product: Product, profile: Profile, exposures: Exposures, *, score: Decimal | None) -> ApplicantFacts:
    """The facts for a decision about a product, with the income that is declared."""
    return ApplicantFacts(
        score=score,
        annual_income_paise=profile.annual_income_paise,
        approved_limit_paise=profile.approved_limit_paise,
        active_principal_paise=sum(loan.principal_paise for loan in exposures.active),
        active_emi_paise=sum(loan.monthly_paise for loan in exposures.active),
        active_loans_of_product=sum(loan.product_code == product.code for loan in exposures.active),
        loans_written_off=exposures.written_off,
    )


async def _income(uow: UnitOfWork, profile: Profile) -> tuple[int | None, bool]:
    """The annual income in paise, and whether it is estimated. None if none is declared and there are no bank
    transactions."""
    if profile.annual_income_paise is not None:
        return profile.annual_income_paise, False
    bank = await bank_repository.get_bank_facts(uow.session, profile.customer_id)
    return (bank.recent_credits_paise, True) if bank.transactions else (None, False)

"""Offers: what an approved application is offered, where the product asks that the borrower accepts it first.

The key facts statement of an offer is stored with its charges. It is valid for the working days that the rulebook sets,
by the holidays of the lender's calendar.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.db.repositories.credit import applications as application_repository
from app.db.repositories.credit import key_facts as repository
from app.db.repositories.credit.applications import StoredApplication
from app.db.repositories.credit.key_facts import StoredKeyFacts
from app.db.repositories.products import products as product_repository
from app.domain.credit.key_facts import AcceptanceNeeded, OfferedTerms, key_facts_of, working_days_valid
from app.domain.lending.agreements import Agreement, agreed_terms, agreement_document, agreement_of
from app.domain.products.charges import disbursal_fees
from app.domain.products.products import Product
from app.services.credit.eligibility import ApplicationRequest, ApplicationWaiting
from app.services.lending.agreements import agree_on
from app.services.products.calendars import count_working_days
from app.services.unit_of_work import UnitOfWork


def waits_for_acceptance(product: Product) -> bool:
    """Whether a loan of the product is made only on accepted key facts. Cards have none."""
    return product.offer.needs_acceptance and product.card is None


async def check_offers(uow: UnitOfWork, request: ApplicationRequest, product: Product) -> StoredApplication | None:
    """Refuses a second offer for a product, and any offer where it cannot be accepted. Returns one whose time is over,
    for the caller to expire.

    Raises AcceptanceNeeded, ApplicationWaiting.
    """
    if not request.can_accept:
        raise AcceptanceNeeded("the borrower must accept the key facts of this product first", field="product")
    offered = await application_repository.find_offered(uow.session, request.customer_id, product_code=product.code)
    if offered is None or is_over(offered, await uow.business_date()):
        return offered
    raise ApplicationWaiting("an offer for this product waits to be accepted", field="product")


def is_over(application: StoredApplication, today: date) -> bool:
    """Whether the time of an application that waits is over."""
    return application.expires_on is not None and today >= application.expires_on


def agreement_in(application: StoredApplication) -> Agreement | None:
    """What the loan of an application agrees on beside the terms of its product; None if nothing."""
    return None if application.agreement is None else agreement_of(application.agreement)


async def make(
    uow: UnitOfWork, application: StoredApplication, product: Product, *, rate_percent: Decimal
) -> dict[str, Any]:
    """What an offer that is made today writes into its application: what the loan agrees on, and when it is over.

    Raises FirstDueOutsideBounds, RhythmNotOffered, BenchmarkUnknown.
    """
    today = await uow.business_date()
    agreement = await agree_on(
        uow, product, annual_rate_percent=rate_percent, chosen=agreement_in(application)
    )  # fmt: skip
    document = None if agreement is None else agreement_document(agreement)
    facts = key_facts_of(
        _offered(replace(application, agreement=document), product, rate_percent=rate_percent, on=today)
    )
    due_on = [row.due_on for row in facts.quote.schedule.instalments]
    days = working_days_valid(due_on, on=today, lender=uow.lender)
    until = await count_working_days(uow, today, days)
    return {"agreement": document, "expires_on": until + timedelta(days=1)}


async def issue(uow: UnitOfWork, application: StoredApplication) -> None:
    """Stores the key facts of an offer that was just made."""
    rate, expires_on = application.annual_rate_percent, application.expires_on
    assert rate is not None, "an offer has a rate"
    assert expires_on is not None, "an offer expires"
    today = await uow.business_date()
    product = await product_repository.get_product(uow.session, application.product_code, application.product_version)
    offered = _offered(application, product, rate_percent=rate, on=today)
    stored = StoredKeyFacts(
        customer_id=application.customer_id,
        application_id=application.id,
        issued_on=today,
        valid_until=expires_on - timedelta(days=1),
        amount_paise=offered.amount_paise,
        annual_rate_percent=rate,
        instalments=offered.instalments,
        fees=offered.fees,
        apr_percent=key_facts_of(offered).quote.facts.apr_percent,
    )
    await repository.add_key_facts(uow.session, stored)


def _offered(application: StoredApplication, product: Product, *, rate_percent: Decimal, on: date) -> OfferedTerms:
    charges, agreement = product.repayment.charges, agreement_in(application)
    return OfferedTerms(
        repayment=agreed_terms(product.repayment, agreement),
        amount_paise=application.amount_paise,
        annual_rate_percent=rate_percent,
        instalments=application.instalments,
        fees=disbursal_fees(charges, amount_paise=application.amount_paise, on=on),
        disbursed_on=on,
        agreement=agreement,
    )

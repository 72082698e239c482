"""Key facts as use cases: read those of an application or of a loan, and accept those of an offer.

An offer is accepted by its borrower, or by staff on the borrower's word. The loan is made on what was accepted, in the
same transaction: the amount, the rate, the number of instalments and the fees are those of the statement. Its dates are
counted from the day of the acceptance.
"""

from dataclasses import dataclass, replace
from datetime import date

from app.db.repositories.credit import applications as application_repository
from app.db.repositories.credit import key_facts as repository
from app.db.repositories.credit.applications import ApplicationNotFound, StoredApplication
from app.db.repositories.credit.key_facts import StoredKeyFacts
from app.db.repositories.lending import changes as change_repository
from app.db.repositories.lending import charges as charge_repository
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.products import products as product_repository
from app.documents.facts import Borrower
from app.documents.words import Language
from app.domain.credit.key_facts import (
    ApplicationNotOffered,
    KeyFactsLapsed,
    KeyFactsNotMade,
    OfferedTerms,
    OfferKeyFacts,
    key_facts_of,
)
from app.domain.credit.top_ups import key_facts_of_top_up, topped_up_of
from app.domain.lender.profiles import LenderVersion
from app.domain.lending.agreements import agreed_terms
from app.domain.lending.positions import Position
from app.domain.payments.changes import LoanChange
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.products.products import CoLending
from app.domain.public_ids import LoanReference, format_application_id
from app.services.cards import cards
from app.services.credit import applications, top_ups
from app.services.credit.applications import ApplicationStatus, ApplicationView
from app.services.credit.offers import agreement_in
from app.services.lender.profiles import find_profile
from app.services.lending import loans
from app.services.lending.calculations import QUOTES
from app.services.lending.disbursal import LoanOrder, disburse_loan
from app.services.reporting.documents import get_borrower
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSince:
    """A change of a loan after its key facts. `application_id` has the key facts of a top-up."""

    change: LoanChange
    application_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFactsView:
    """A key facts statement: of an offer, or of a loan. `proposal` is its number.

    `valid_until` is None where the loan was made at once. `accepted_by` is the actor who accepted it. The facts stay
    what was accepted: `changes` are those of the loan since, which have their own notices and statements.
    """

    customer_id: int
    proposal: str
    loan_id: str | None
    product: str
    issued_on: date
    valid_until: date | None
    accepted_on: date | None
    accepted_by: str | None
    facts: OfferKeyFacts
    co_lending: CoLending | None
    changes: tuple[ChangeSince, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFactsParties:
    """Who offers and who borrows, as the document shows them."""

    lender: LenderVersion | None
    borrower: Borrower


async def accept_key_facts(uow: UnitOfWork, application_id: int, *, language: Language) -> ApplicationView:
    """Accepts the key facts of an offer, and makes the loan on them. Accepted again, nothing happens.

    Raises ApplicationNotFound, ApplicationNotOffered, KeyFactsLapsed, and what `disburse_loan` raises.
    """
    seen = await _application(uow, application_id)
    # One application of a customer is decided at a time.
    await customer_repository.lock_profile(uow.session, seen.customer_id)
    application = await application_repository.get_application(uow.session, application_id)
    facts = await repository.find_key_facts(uow.session, application.customer_id, application.id)
    if facts is not None and facts.loan_id is not None:
        return await applications.view_of(uow, application)
    today = await uow.business_date()
    if facts is None or application.status not in (ApplicationStatus.OFFERED, ApplicationStatus.EXPIRED):
        raise ApplicationNotOffered("the application does not wait to be accepted", field="application_id")
    if application.status == ApplicationStatus.EXPIRED or today > facts.valid_until:
        raise KeyFactsLapsed(
            f"the key facts were valid until {facts.valid_until}",
            field="application_id",
            valid_until=facts.valid_until,
        )
    if application.top_up is None:
        loan = await _make_loan(uow, application, facts)
    else:
        loan = (await top_ups.make_accepted(uow, application)).position
    by = uow.actor.label
    await repository.accept(
        uow.session, facts, loan_id=loan.loan_id, on=today, at=uow.now, by=by, language=language.value
    )
    return await _approve(uow, application, facts, loan, language=language)


async def _make_loan(uow: UnitOfWork, application: StoredApplication, facts: StoredKeyFacts) -> Position:
    """The loan of what was accepted, with its card if the product issues one."""
    product = await product_repository.get_product(uow.session, application.product_code, application.product_version)
    loan = await disburse_loan(
        uow,
        LoanOrder(
            customer_id=application.customer_id,
            product=product,
            amount_paise=facts.amount_paise,
            instalments=facts.instalments,
            annual_rate_percent=facts.annual_rate_percent,
            application_id=application.id,
            purpose=application.purpose,
            agreed_fees=facts.fees,
            chosen=agreement_in(application),
        ),
    )
    if product.offer.issues_card:
        await cards.issue_card(uow, loan)
    return loan


async def _approve(
    uow: UnitOfWork, application: StoredApplication, facts: StoredKeyFacts, loan: Position, *, language: Language
) -> ApplicationView:
    """Writes that the application has its loan."""
    today, top_up = await uow.business_date(), application.top_up
    made = {"schedule_version": loan.schedule_version, "next_cycle": loan.next_cycle}
    approved = replace(
        application,
        status=ApplicationStatus.APPROVED,
        loan_id=loan.loan_id,
        decided_on=today,
        expires_on=None,
        top_up=None if top_up is None else top_up | made,
    )
    changed = ("status", "loan_id", "decided_on", "expires_on", "top_up")
    values = {name: getattr(approved, name) for name in changed}
    await application_repository.update_waiting(uow.session, application, values)
    await uow.record(
        "key_facts_accepted",
        object_kind="application",
        object_id=str(application.id),
        customer_id=application.customer_id,
        details={"language": language.value, "apr_percent": str(facts.apr_percent), "loan_id": loan.loan_id},
    )
    return await applications.record_decision(uow, approved, plan=None)


async def view_of_application(uow: UnitOfWork, application_id: int) -> KeyFactsView:
    """The key facts of an application: of its offer, or of the loan that was made at once.

    Raises ApplicationNotFound, KeyFactsNotMade.
    """
    application = await _application(uow, application_id)
    facts = await repository.find_key_facts(uow.session, application.customer_id, application_id)
    if facts is None and application.loan_id is None:
        raise KeyFactsNotMade(f"the application is {application.status}, and has no loan", field="application_id")
    if facts is not None and application.top_up is not None:
        return await _view_of_top_up(uow, application, facts)
    if facts is None or facts.loan_id is not None:
        assert application.loan_id is not None, "key facts are accepted with their loan"
        return await view_of_loan(uow, LoanReference(number=application.loan_id, year=None))
    product = await product_repository.get_product(uow.session, application.product_code, application.product_version)
    agreement = agreement_in(application)
    offered = OfferedTerms(
        repayment=agreed_terms(product.repayment, agreement),
        amount_paise=facts.amount_paise,
        annual_rate_percent=facts.annual_rate_percent,
        instalments=facts.instalments,
        fees=facts.fees,
        disbursed_on=facts.issued_on,
        agreement=agreement,
    )
    return KeyFactsView(
        customer_id=application.customer_id,
        proposal=format_application_id(application_id),
        loan_id=None,
        product=product.name,
        issued_on=facts.issued_on,
        valid_until=facts.valid_until,
        accepted_on=None,
        accepted_by=None,
        co_lending=product.offer.co_lending,
        facts=await QUOTES.run(lambda: key_facts_of(offered)),
    )


async def _view_of_top_up(uow: UnitOfWork, application: StoredApplication, facts: StoredKeyFacts) -> KeyFactsView:
    """The key facts of a loan from its top-up on, as they were issued."""
    assert application.top_up is not None, "the application asks for a top-up"
    assert facts.top_up is not None, "a top-up has the plan of its day"
    position, _ = await loans.read_position(uow, LoanKey(application.customer_id, application.top_up["loan_id"]))
    product = await product_repository.get_product(uow.session, application.product_code, application.product_version)
    at_once = application.status == ApplicationStatus.APPROVED and facts.accepted_on is None
    found = topped_up_of(facts.top_up)
    return KeyFactsView(
        customer_id=application.customer_id,
        proposal=format_application_id(application.id),
        loan_id=loans.public_loan_id(position),
        product=product.name,
        issued_on=facts.issued_on,
        valid_until=None if at_once else facts.valid_until,
        accepted_on=facts.accepted_on,
        accepted_by=facts.accepted_by,
        co_lending=product.offer.co_lending,
        facts=await QUOTES.run(lambda: key_facts_of_top_up(found, repayment=position.terms)),
    )


async def view_of_loan(uow: UnitOfWork, loan: LoanReference) -> KeyFactsView:
    """The key facts of a loan, as it was made: its contract, its fees, and the days counted from its disbursal.

    Raises LoanNotFound.
    """
    position, key = await loans.find_position(uow, loan)
    product = await product_repository.get_product(uow.session, *key)
    of_loan = LoanKey(position.customer_id, position.loan_id)
    application_id, facts = await repository.find_of_loan(uow.session, of_loan)
    fees = await _fees_of(uow, of_loan)
    financed = sum(fee.total_paise for fee in fees if fee.paid is FeePaid.FINANCED)
    offered = OfferedTerms(
        repayment=position.terms,
        amount_paise=position.disbursed_paise - financed,
        annual_rate_percent=position.annual_rate_percent,
        instalments=position.instalments,
        fees=fees,
        disbursed_on=position.disbursed_on,
        agreement=position.agreement,
    )
    public_id = loans.public_loan_id(position)
    return KeyFactsView(
        customer_id=position.customer_id,
        proposal=public_id if application_id is None else format_application_id(application_id),
        loan_id=public_id,
        product=product.name,
        issued_on=position.disbursed_on if facts is None else facts.issued_on,
        valid_until=None if facts is None else facts.valid_until,
        accepted_on=None if facts is None else facts.accepted_on,
        accepted_by=None if facts is None else facts.accepted_by,
        co_lending=product.offer.co_lending,
        facts=await QUOTES.run(lambda: key_facts_of(offered)),
        changes=() if position.alterations is None else await _changes_since(uow, of_loan),
    )


async def _fees_of(uow: UnitOfWork, key: LoanKey) -> tuple[Fee, ...]:
    """The fees of the disbursal of a loan."""
    return tuple(
        Fee(
            name=row.name or "",
            amount_paise=row.amount_paise,
            paid=FeePaid(row.paid or FeePaid.DEDUCTED),
            tax_paise=row.tax_paise,
            sac=row.sac,
            for_third_party=row.for_third_party,
        )
        for row in await charge_repository.list_rows(uow.session, key)
        if row.kind == charge_repository.FEE
    )


async def _changes_since(uow: UnitOfWork, key: LoanKey) -> tuple[ChangeSince, ...]:
    """The changes of a loan that stand, each top-up with its application."""
    changes = await change_repository.list_standing_proposed(uow.session, key)
    top_ups = await application_repository.list_top_ups(uow.session, key.customer_id, loan_id=key.loan_id)
    return tuple(ChangeSince(change=change, application_id=top_ups.get(proposal_id)) for change, proposal_id in changes)


async def get_parties(uow: UnitOfWork, view: KeyFactsView) -> KeyFactsParties:
    """Who offers and who borrows."""
    return KeyFactsParties(lender=await find_profile(uow), borrower=await get_borrower(uow, view.customer_id))


async def _application(uow: UnitOfWork, application_id: int) -> StoredApplication:
    """An application that the actor may see. Raises ApplicationNotFound."""
    application = await application_repository.get_application(uow.session, application_id)
    if not uow.actor.may_see(application.customer_id):
        raise ApplicationNotFound("there is no such application", field="application_id")
    return application

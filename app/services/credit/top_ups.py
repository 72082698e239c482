"""Top-ups as use cases: simulated, decided as an application is, offered where the borrower must accept them, and made.

One person proposes a top-up and another approves it (`operations/proposals.py`); each time it is decided on the facts
of the day. A top-up that is refused is raised with every reason, and nothing is stored. One that is approved has an
application, which has the key facts of the loan from then on. Where the product asks that the borrower accepts key
facts, the approval is an offer, and the acceptance lends the money.
"""

import hashlib
from datetime import date, timedelta
from typing import Any

from app.db.repositories.credit import applications as application_repository
from app.db.repositories.credit import key_facts as repository
from app.db.repositories.credit import new_applications as new_application_repository
from app.db.repositories.credit.applications import StoredApplication, reason_documents
from app.db.repositories.credit.key_facts import StoredKeyFacts
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customers import Profile
from app.domain.credit.decisions import Outcome
from app.domain.credit.key_facts import working_days_valid
from app.domain.credit.top_ups import (
    ToppedUp,
    TopUpRequest,
    decide_top_up,
    key_facts_of_top_up,
    topped_up,
    topped_up_document,
)
from app.domain.errors import Rejected
from app.domain.lending.positions import Position
from app.domain.payments.changes import ChangeKind
from app.domain.products.products import Product
from app.domain.public_ids import LoanReference
from app.services.credit import applications, offers
from app.services.credit.eligibility import ApplicationRequest, ApplicationStatus, insist_on_facts, read_facts
from app.services.lending import loans
from app.services.payments import changes
from app.services.payments.changes import ChangedLoan, ChangeRequest, changed_figures
from app.services.products.calendars import count_working_days
from app.services.products.products import get_current_product
from app.services.unit_of_work import UnitOfWork


class TopUpRefused(Rejected):
    """The customer does not qualify for the top-up. Read every reason in `figures.reasons`, and ask for less, or let
    two people raise the approved limit."""

    code = "top_up_refused"


async def foresee(uow: UnitOfWork, loan: LoanReference, request: ChangeRequest) -> ChangedLoan:
    """What a top-up would do today, if it would be approved. Nothing is stored, except a score that had to be computed.

    Raises LoanNotFound, ProductUnknown, ScoreNotAvailable, ApplicationReferred, TopUpRefused, and what `decide_change`
    raises.
    """
    foreseen = await changes.foresee(uow, loan, request)
    profile = await customer_repository.get_profile(uow.session, foreseen.position.customer_id)
    await _insist(uow, foreseen, profile)
    return foreseen


async def approve(uow: UnitOfWork, key: LoanKey, request: ChangeRequest, *, proposal_id: int) -> dict[str, int]:
    """Lends more on a loan, or offers it where the product asks that the borrower accepts the key facts first.

    Raises ProductUnknown, ScoreNotAvailable, ApplicationReferred, ApplicationWaiting, TopUpRefused, and what
    `changes.make` raises.
    """
    # One application of a customer is decided at a time.
    profile = await customer_repository.lock_profile(uow.session, key.customer_id)
    foreseen = await changes.foresee(uow, LoanReference(number=key.loan_id, year=None), request)
    product, score_id = await _insist(uow, foreseen, profile)
    waits = offers.waits_for_acceptance(product)
    if waits:
        await _expire_lapsed_offer(uow, key.customer_id, product)
    made = foreseen if waits else await changes.make(uow, key, request, proposal_id=proposal_id)
    today = await uow.business_date()
    found = topped_up(made.position, lent_paise=request.amount_paise, on=today)
    until = await count_working_days(uow, today, working_days_valid(found.due_on, on=today, lender=uow.lender))
    application = await _application(
        uow,
        product,
        made,
        score_id=score_id,
        request=request,
        proposal_id=proposal_id,
        offered_until=until if waits else None,
    )
    await new_application_repository.add_application(uow.session, application)
    await repository.add_key_facts(uow.session, _key_facts(application, made, found, valid_until=until))
    await applications.record_decision(uow, application, plan=None)
    return changed_figures(made) | {"application_id": application.id}


async def make_accepted(uow: UnitOfWork, application: StoredApplication) -> ChangedLoan:
    """Makes the top-up of an offer that was accepted. Instalments that were billed since the offer are counted off.

    Raises what `changes.make` raises.
    """
    asked = application.top_up
    assert asked is not None, "the application asks for a top-up"
    count: int | None = asked["instalments"]
    if count is not None:
        current, _ = await loans.find_current(uow, LoanReference(number=asked["loan_id"], year=None))
        count = max(count - (current.decision.position.next_cycle - asked["next_cycle"]), 1)
    request = ChangeRequest(kind=ChangeKind.TOP_UP, amount_paise=application.amount_paise, instalments=count)
    key = LoanKey(application.customer_id, asked["loan_id"])
    return await changes.make(uow, key, request, proposal_id=asked["proposal_id"])


async def _insist(uow: UnitOfWork, foreseen: ChangedLoan, profile: Profile) -> tuple[Product, int | None]:
    """The product on offer and the score that was used, if the top-up is approved.

    Raises ProductUnknown, ScoreNotAvailable, ApplicationReferred, TopUpRefused.
    """
    position, amount = foreseen.position, foreseen.change.amount_paise
    _, (code, _) = await loans.read_position(uow, LoanKey(position.customer_id, position.loan_id))
    product = await get_current_product(uow, code)
    facts, score_id = await read_facts(uow, product, profile)
    request = TopUpRequest(
        amount_paise=amount,
        principal_paise=position.principal_paise - amount,
        instalments=foreseen.after.instalments,
        emi_before_paise=foreseen.before.emi_paise,
        emi_after_paise=foreseen.after.emi_paise,
        annual_rate_percent=position.rate_percent,
    )
    decision = decide_top_up(product.offer, position.terms, request=request, facts=facts)
    insist_on_facts(decision)
    if decision.outcome is not Outcome.APPROVE:
        words = " ".join(reason.message for reason in decision.reasons)
        raise TopUpRefused(words, field="amount", reasons=reason_documents(decision.reasons))
    return product, score_id


async def _expire_lapsed_offer(uow: UnitOfWork, customer_id: int, product: Product) -> None:
    """Makes room for an offer of a product. Raises ApplicationWaiting."""
    asked = ApplicationRequest(customer_id=customer_id, product_code=product.code, amount_paise=None, instalments=None)
    lapsed = await offers.check_offers(uow, asked, product)
    if lapsed is not None:
        await applications.expire(uow, lapsed)


async def _application(
    uow: UnitOfWork,
    product: Product,
    made: ChangedLoan,
    *,
    score_id: int | None,
    request: ChangeRequest,
    proposal_id: int,
    offered_until: date | None,
) -> StoredApplication:
    """The application of a top-up: offered until a day, or approved and made."""
    today, position, offered = await uow.business_date(), made.position, offered_until is not None
    return StoredApplication(
        customer_id=position.customer_id,
        id=await application_repository.next_application_number(uow.session),
        product_code=product.code,
        product_version=product.version,
        amount_paise=request.amount_paise,
        instalments=made.after.instalments,
        requested_rate_percent=None,
        annual_rate_percent=position.rate_percent,
        purpose=None,
        agreement=None,
        fingerprint=hashlib.sha256(f"top-up|{proposal_id}".encode()).digest(),
        status=ApplicationStatus.OFFERED if offered else ApplicationStatus.APPROVED,
        reasons=[],
        score_id=score_id,
        loan_id=None if offered else position.loan_id,
        account_id=None,
        applied_on=today,
        expires_on=None if offered_until is None else offered_until + timedelta(days=1),
        decided_on=today,
        created_at=uow.now,
        actor=uow.actor.label,
        top_up=_asked(position, request, proposal_id=proposal_id),
    )


def _asked(position: Position, request: ChangeRequest, *, proposal_id: int) -> dict[str, Any]:
    """What the row of an application keeps of a top-up (`StoredApplication.top_up`)."""
    return {
        "loan_id": position.loan_id,
        "year": position.disbursed_on.year,
        "proposal_id": proposal_id,
        "instalments": request.instalments,
        "next_cycle": position.next_cycle,
        "schedule_version": position.schedule_version,
    }


def _key_facts(
    application: StoredApplication, made: ChangedLoan, found: ToppedUp, *, valid_until: date
) -> StoredKeyFacts:
    facts = key_facts_of_top_up(found, repayment=made.position.terms).quote.facts
    return StoredKeyFacts(
        customer_id=application.customer_id,
        application_id=application.id,
        issued_on=found.on,
        valid_until=valid_until,
        amount_paise=facts.sanctioned_paise,
        annual_rate_percent=found.annual_rate_percent,
        instalments=facts.instalments,
        fees=(),
        apr_percent=facts.apr_percent,
        top_up=topped_up_document(found),
    )

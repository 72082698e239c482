"""Group commit of applications: those that arrive during a transaction are decided together in the next one.

A group decides an application that is plain: its caller sent an idempotency key, its customer is not locked and has no
other application in the group, what the decision reads is stored, and on approval a loan follows and nothing else. Then
it is read, decided and written with the others, by the same rules and in the same form as alone. Every other one is put
off: its request decides it alone (`applications.apply`), which also says what is wrong with it.

The customers are locked before anything about them is read, as for an application alone (see `applications`). Nothing
is waited for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.db.placement import Placement
from app.db.repositories.credit import groups as repository
from app.db.repositories.credit import new_applications as new_application_repository
from app.db.repositories.credit.applications import FirstPlan, StoredApplication
from app.db.repositories.credit.exposures import list_exposures
from app.db.repositories.credit.groups import Numbers, Wanted
from app.db.repositories.idempotency import KeyOfCaller
from app.db.repositories.payments import groups as admission_repository
from app.db.repositories.payments.groups import Admission, Asked
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people.customers import Profile
from app.domain.credit.decisions import CreditRequest, Decision, Outcome, decide
from app.domain.credit.scoring import LOAN_HISTORY
from app.domain.errors import DomainError
from app.domain.events.happened import Event
from app.domain.products.products import Product
from app.services import idempotency
from app.services.credit.applications import ApplicationView, apply
from app.services.credit.credit_events import application_event
from app.services.credit.deciding import decided_columns, decision_act, new_application, order_of
from app.services.credit.eligibility import ApplicationRequest, ApplicationStatus, asked_of, facts_of
from app.services.credit.offers import waits_for_acceptance
from app.services.events.publishing import moment_of
from app.services.idempotency import FirstAnswer
from app.services.lending.disbursal import MadeLoan, make_loan, write_loans
from app.services.payments.calls import PUT_OFF, Call, PutOff, Taken
from app.services.payments.group_commit import CallGroups, Waiting
from app.services.people.access import check_token, confirm
from app.services.products.products import get_current_product
from app.services.unit_of_work import UnitOfWork

#: An application with its sender.
ApplicationCall = Call[ApplicationRequest, ApplicationView]


class ApplicationGroups(CallGroups[ApplicationCall, Taken | PutOff]):
    """The applications of one process."""

    span = "applications"

    async def apply(self, call: ApplicationCall) -> Taken:
        """Decides an application, with others or alone. Raises what `applications.apply` raises, TokenExpired,
        TokenRevoked and IdempotencyKeyReused."""
        # Without a key it is compared with the latest one of its customer, and it may be a repeat of that.
        taken = PUT_OFF if call.claim is None else await self.take(call)
        return await self._apply_alone(call) if isinstance(taken, PutOff) else taken

    async def _apply_alone(self, call: ApplicationCall) -> Taken:
        async with self.uow_factory.open(call.actor, request_id=call.request_id) as uow:
            if call.claims is not None:
                await confirm(uow, call.claims)
            if call.claim is not None and (first := await idempotency.claim(uow, call.claim)) is not None:
                return Taken(first, is_stored_answer=True)
            answer = call.present(await apply(uow, call.request, repeat_allowed=call.claim is not None))
            if call.claim is not None:
                await idempotency.keep_answer(uow, call.claim, answer=answer)
            return Taken(answer)

    def number_of(self, call: ApplicationCall) -> int:
        return call.request.customer_id

    async def find_place(self, call: ApplicationCall, placement: Placement) -> int:
        return placement.place_of(call.request.customer_id)

    async def take_together(
        self, uow: UnitOfWork, calls: Sequence[ApplicationCall], *, waits: bool
    ) -> Sequence[Taken | PutOff]:
        assert not waits, "what is put off is decided by its own request"
        return await apply_together(uow, calls)

    def put_off(self, group: Sequence[Waiting]) -> list[Waiting]:
        """Gives each back to its request."""
        for waiting in group:
            if not waiting.outcome.done():
                waiting.outcome.set_result(PUT_OFF)
        return []


async def apply_together(uow: UnitOfWork, calls: Sequence[ApplicationCall]) -> list[Taken | PutOff]:
    """Decides the plain ones of these applications in one transaction; answers what became of each."""
    outcomes: list[Taken | PutOff] = [PUT_OFF] * len(calls)
    read = await _read(uow, calls, await _admit(uow, calls))
    for place, answer in await _write(uow, await _decide(uow, read)):
        outcomes[place] = Taken(answer)
    return outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An application of a locked customer, with what is asked for."""

    place: int
    call: ApplicationCall
    profile: Profile
    product: Product
    asked: CreditRequest

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.profile.customer_id, self.product.offer.scorecard, self.product.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """A decision about an application, and the score that it used."""

    read: _Read
    decision: Decision
    score_id: int | None

    @property
    def has_loan(self) -> bool:
        return self.decision.outcome is Outcome.APPROVE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """An application as it is decided, its loan if it has one, and the answer to it."""

    place: int
    call: ApplicationCall
    application: StoredApplication
    loan: MadeLoan | None
    answer: FirstAnswer

    @property
    def events(self) -> list[Event]:
        """What other programs are told."""
        return [*(() if self.loan is None else self.loan.events), application_event(self.application)]


async def _admit(uow: UnitOfWork, calls: Sequence[ApplicationCall]) -> dict[int, int]:
    """The places of the calls that may go on, by customer: each has a key of its own, and a customer of its own."""
    asked = [Asked(call.user_account_id, call.key, None) for call in calls]
    admissions = await admission_repository.admit(uow.session, asked, waits=False)
    uow.set_clock(admissions[0].clock)
    places: dict[int, int] = {}
    keys: set[KeyOfCaller | None] = {None}
    for place, (call, admission) in enumerate(zip(calls, admissions, strict=True)):
        if call.key not in keys and _may_go_on(call, admission, now=uow.now):
            places.setdefault(call.request.customer_id, place)
        keys.add(call.key)
    return places


def _may_go_on(call: ApplicationCall, admission: Admission, *, now: datetime) -> bool:
    request = call.request
    try:
        if call.claims is not None:
            check_token(call.claims, admission.standing, now=now)
    except DomainError:
        return False
    return (
        admission.is_key_held
        and admission.answer is None
        and call.actor.may_see(request.customer_id)
        and request.disburse_on is None
        and request.first_due_on is None
        and request.rhythm is None
    )


async def _read(uow: UnitOfWork, calls: Sequence[ApplicationCall], places: Mapping[int, int]) -> list[_Read]:
    """Locks the customers whom nobody else has locked, and reads what their applications ask for."""
    if not places:
        return []
    profiles = await customer_repository.lock_profiles(uow.session, list(places))
    products = {
        code: await _plain_product(uow, code)
        for code in {calls[places[each]].request.product_code for each in profiles}
    }
    found = []
    for customer_id, profile in profiles.items():
        call = calls[places[customer_id]]
        product = products[call.request.product_code]
        if product is None or profile.annual_income_paise is None:
            continue
        try:
            asked = asked_of(product, call.request)
        except DomainError:
            continue
        found.append(_Read(place=places[customer_id], call=call, profile=profile, product=product, asked=asked))
    return found


async def _plain_product(uow: UnitOfWork, code: str) -> Product | None:
    """The product, if nothing but a loan follows from an approval, and its score is stored."""
    try:
        product = await get_current_product(uow, code)
    except DomainError:
        return None
    offer = product.offer
    if waits_for_acceptance(product) or product.card is not None or offer.issues_card:
        return None
    return None if offer.scorecard == LOAN_HISTORY else product


async def _decide(uow: UnitOfWork, applications: Sequence[_Read]) -> list[_Decided]:
    """Decides on the facts of the business date. What lacks a fact is left out."""
    if not applications:
        return []
    today = await uow.business_date()
    exposures = await list_exposures(uow.session, [each.profile.customer_id for each in applications], on=today)
    facts = await repository.find_facts(uow.session, [each.wanted for each in applications])
    found = []
    for each in applications:
        fact = facts[each.profile.customer_id]
        if fact.is_one_waiting:
            continue
        known = facts_of(each.product, each.profile, exposures[each.profile.customer_id], score=fact.score)
        try:
            decision = decide(each.product, request=each.asked, facts=known, on=today)
        except DomainError:
            continue
        if decision.outcome in (Outcome.APPROVE, Outcome.REFUSE):
            found.append(_Decided(read=each, decision=decision, score_id=fact.score_id))
    return found


async def _write(uow: UnitOfWork, applications: Sequence[_Decided]) -> list[tuple[int, FirstAnswer]]:
    """Makes the loans, and writes them with the applications; the answer to each."""
    if not applications:
        return []
    numbers = await repository.draw_numbers(uow.session, [each.has_loan for each in applications])
    made = [await _make(uow, each, its) for each, its in zip(applications, numbers, strict=True)]
    if loans := [each.loan for each in made if each.loan is not None]:
        await write_loans(uow, loans)
    given = (each.call.given(each.answer, now=uow.now) for each in made)
    await new_application_repository.add_decided(
        uow.session,
        [each.application for each in made],
        events=[event for each in made for event in each.events],
        moment=await moment_of(uow),
        acts=[decision_act(each.application, each.call.trace(uow.now)) for each in made],
        answers=[answer for answer in given if answer is not None],
    )
    return [(each.place, each.answer) for each in made]


async def _make(uow: UnitOfWork, decided: _Decided, numbers: Numbers) -> _Made:
    read, decision = decided.read, decided.decision
    acting = replace(uow, actor=read.call.actor, request_id=read.call.request_id)
    application = await new_application(
        acting,
        read.call.request,
        number=numbers.application_id,
        product=read.product,
        asked=read.asked,
        reasons=decision.reasons,
    )
    loan = None
    if numbers.loan_id is not None:
        order = order_of(application, read.product, annual_rate_percent=decision.annual_rate_percent)
        loan = await make_loan(acting, order, number=numbers.loan_id)
    application = replace(
        application,
        **decided_columns(decision, score_id=decided.score_id),
        decided_on=application.applied_on,
        expires_on=None,
        loan_id=numbers.loan_id,
    )
    view = ApplicationView(
        application=application,
        status=ApplicationStatus(application.status),
        plan=None if loan is None else FirstPlan.of(loan.position),
    )
    answer = read.call.present(view)
    return _Made(place=read.place, call=read.call, application=application, loan=loan, answer=answer)

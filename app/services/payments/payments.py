"""Taking payments: admit the callers, lock the loans, decide each payment, write all of them in one transaction.

Payments that arrive together are one group; a payment that arrives alone is a group of one. Each payment of a group is
decided separately, in the order of arrival: a refusal concerns its caller only, and nothing of it is written. A group
does not wait for locks. A payment is put off if it would have to wait (its key is in use, its loan is locked), or if it
must be the first of its loan in a transaction (a backdated payment, a repeat of another payment of the group).
`group_commit` then takes it in a group that waits, with the other payments that arrived for the same loan.

The order of locks is: idempotency keys, in the order of their numbers, then loans. A group that waits locks one loan.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from app.db.repositories.idempotency import KeyOfCaller
from app.db.repositories.lending.decisions import TakenPayment
from app.db.repositories.lending.loans import LoanKey, LoanNotFound
from app.db.repositories.lending.positions import LockedLoan, lock_stored_loans
from app.db.repositories.payments import groups as group_repository
from app.db.repositories.payments import payments as repository
from app.db.repositories.payments.groups import Admission, Asked
from app.db.repositories.payments.payments import Likeness
from app.db.session import Record
from app.domain.billing.cycles import Billing
from app.domain.errors import DomainError
from app.domain.events.happened import Event
from app.domain.lending.ledger import cash_applied
from app.domain.lending.loan_events import ended
from app.domain.lending.positions import LoanStatus
from app.domain.money import format_inr
from app.domain.payments.allocation import decide_payment
from app.domain.payments.payment_events import payment_received
from app.domain.payments.payments import PaymentOrder, check_order
from app.services import idempotency
from app.services.idempotency import FirstAnswer
from app.services.lending import loans, saving
from app.services.lending.calculations import FEW_DAYS
from app.services.payments import repeats, reversals
from app.services.payments.calls import (
    PUT_OFF,
    Outcome,
    PaymentCall,
    PaymentRepeated,
    PaymentRequest,
    Taken,
    ValueDateForStaff,
)
from app.services.payments.receipts import Receipt, receipt_of, repeated_receipt
from app.services.people.access import check_token
from app.services.unit_of_work import UnitOfWork, client_address


async def take_payment(uow: UnitOfWork, request: PaymentRequest) -> Receipt:
    """Takes a payment on a loan the actor may see, on the business date or, for staff, on an earlier value date.

    Raises LoanNotFound, ReferenceReused, PaymentRepeated, ValueDateForStaff, and what `decide_payment` raises.
    """
    receipts: list[Receipt] = []

    def keep(receipt: Receipt) -> FirstAnswer:
        receipts.append(receipt)
        return FirstAnswer(status_code=0, text="")

    call = PaymentCall(
        request=request,
        actor=uow.actor,
        present=keep,
        request_id=uow.request_id,
        client_address=client_address.get(),
    )
    (outcome,) = await take_together(uow, [call], waits=True)
    if isinstance(outcome, DomainError):
        raise outcome
    return receipts[0]


async def take_together(uow: UnitOfWork, calls: Sequence[PaymentCall], *, waits: bool) -> list[Outcome]:
    """Takes payments in one transaction, in the order in which they are given; answers what became of each.

    A group that waits for locks is of one loan, and puts off only what must not follow another payment of the group.
    """
    group = _Group(uow, calls, waits)
    await group.admit()
    await group.lock()
    await group.read_earlier()
    for place in group.going_on():
        await group.take(place)
    if not waits:
        for place in group.keys:
            group.outcomes[place] = await repeats.outcome_of(uow, calls[place], group.outcomes[place])
    await group.write()
    outcomes = [outcome for outcome in group.outcomes if outcome is not None]
    assert len(outcomes) == len(calls), "each call has an outcome"
    return outcomes


@dataclass(slots=True)
class _Loan:
    """A locked loan while payments are taken on it."""

    billing: Billing
    numbers: list[int]
    was: LoanStatus
    was_paid: bool = False
    is_put_off: bool = False


@dataclass(slots=True)
class _Group:
    """Payments on their way through one transaction. An outcome is None until it is known."""

    uow: UnitOfWork
    calls: Sequence[PaymentCall]
    waits: bool
    outcomes: list[Outcome | None] = field(init=False)
    keys: dict[int, LoanKey] = field(default_factory=dict)
    loans: dict[LoanKey, _Loan] = field(default_factory=dict)
    by_reference: dict[tuple[int, int, str | None], Record] = field(default_factory=dict)
    alike: set[Likeness] = field(default_factory=set)
    taken: list[TakenPayment] = field(default_factory=list)
    answered: list[tuple[PaymentCall, FirstAnswer]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outcomes = [None] * len(self.calls)

    def going_on(self) -> list[int]:
        """The places of the calls whose outcome is not known yet."""
        return [place for place, outcome in enumerate(self.outcomes) if outcome is None]

    async def admit(self) -> None:
        """Checks tokens and keys, finds the owners of the loans, and refuses who may not pay."""
        asked = [Asked(call.user_account_id, call.key, call.request.loan.number) for call in self.calls]
        admissions = await group_repository.admit(self.uow.session, asked, waits=self.waits)
        self.uow.set_clock(admissions[0].clock)
        today, used, put_off = await self.uow.business_date(), set[KeyOfCaller](), set[int]()
        for place, (call, admission) in enumerate(zip(self.calls, admissions, strict=True)):
            try:
                self.outcomes[place] = self._admit(place, admission, today=today, used=used)
            except DomainError as refusal:
                self.outcomes[place] = refusal
            if self.outcomes[place] is None and call.request.loan.number in put_off:
                self.outcomes[place] = PUT_OFF
            if self.outcomes[place] is PUT_OFF:
                # What came later for the same loan stays behind it.
                put_off.add(call.request.loan.number)
            if call.key is not None:
                used.add(call.key)

    def _admit(self, place: int, admission: Admission, *, today: date, used: set[KeyOfCaller]) -> Outcome | None:
        call = self.calls[place]
        if call.claims is not None:
            check_token(call.claims, admission.standing, now=self.uow.now)
        if call.claim is not None:
            if not admission.is_key_held or call.key in used:
                return PUT_OFF
            if admission.answer is not None:
                return Taken(idempotency.first_answer(call.claim, admission.answer), is_stored_answer=True)
        if admission.owner_id is None or not call.actor.may_see(admission.owner_id):
            raise LoanNotFound("there is no such loan", field="loan_id")
        if call.request.value_date not in (None, today) and not call.actor.may_name_value_dates:
            message = "only staff may give a value date other than the business date"
            raise ValueDateForStaff(message, field="value_date", business_date=today)
        self.keys[place] = LoanKey(admission.owner_id, call.request.loan.number)
        return None

    async def lock(self) -> None:
        """Locks and reads the loans, and catches them up to the business date."""
        places = self.going_on()
        if not places:
            return
        wanted: dict[LoanKey, int] = {}
        for place in places:
            wanted[self.keys[place]] = wanted.get(self.keys[place], 0) + 1
        found = await lock_stored_loans(self.uow.session, wanted, waits=self.waits)
        for place in places:
            key = self.keys[place]
            if (locked := found.get(key)) is None:
                self.outcomes[place] = LoanNotFound("there is no such loan", field="loan_id") if self.waits else PUT_OFF
            elif key not in self.loans and not await self._catch_up(key, locked):
                self.outcomes[place] = PUT_OFF

    async def _catch_up(self, key: LoanKey, locked: LockedLoan) -> bool:
        """False for a loan on which so much is to be done first that nobody should wait for it."""
        row, today = locked.stored.row, await self.uow.business_date()
        if not self.waits and row.next_billing_on is not None and (today - row.next_billing_on).days > FEW_DAYS:
            return False
        billing = await loans.catch_up_locked(self.uow, locked.stored)
        self.loans[key] = _Loan(billing, list(locked.payment_numbers), LoanStatus(row.status))
        return True

    async def read_earlier(self) -> None:
        """Reads, under the loans' locks, the payments that the calls may repeat."""
        today = await self.uow.business_date()
        references, alike = [], []
        for place in self.going_on():
            request, key = self.calls[place].request, self.keys[place]
            if request.reference is not None:
                references.append((key, request.reference))
            if request.refuse_same_day_repeat:
                alike.append(Likeness(key, request.amount_paise, request.value_date or today))
        if references:
            found = await repository.list_by_reference(self.uow.session, references)
            self.by_reference = {(row.customer_id, row.loan_id, row.reference): row for row in found}
        if alike:
            self.alike = await repository.list_alike(self.uow.session, alike)

    async def take(self, place: int) -> None:
        """Decides one payment, after those before it."""
        loan = self.loans[self.keys[place]]
        try:
            loans.check_year(loan.billing.decision.position, self.calls[place].request.loan)
            receipt = None if loan.is_put_off else await self._take(place, loan)
        except DomainError as refusal:
            self.outcomes[place] = refusal
            return
        if receipt is None:
            loan.is_put_off = True
            self.outcomes[place] = PUT_OFF
            return
        answer = self.calls[place].present(receipt)
        self.answered.append((self.calls[place], answer))
        self.outcomes[place] = Taken(answer)

    async def _take(self, place: int, loan: _Loan) -> Receipt | None:
        call, key, today = self.calls[place], self.keys[place], await self.uow.business_date()
        request, position = call.request, loan.billing.decision.position
        if (earlier := self.by_reference.get((*key, request.reference))) is not None:
            return await repeated_receipt(self.uow, earlier, position, amount_paise=request.amount_paise)
        if self._is_repeat_within(key, request.reference):
            return None
        value_date = request.value_date or today
        likeness = Likeness(key, request.amount_paise, value_date)
        if request.refuse_same_day_repeat and likeness in self.alike:
            raise PaymentRepeated(
                f"{format_inr(request.amount_paise)} was paid on this loan for {value_date} already; if this is another"
                " payment, send an Idempotency-Key",
                field="amount",
            )
        order = request.order(payment_id=loan.numbers[0], value_date=value_date, today=today)
        is_backdated = order.value_date < position.last_event_on
        if is_backdated and (loan.was_paid or not self.waits):
            return None
        loan.billing = await self._decide(key, loan.billing, order, is_backdated=is_backdated)
        # A backdated payment is decided on what is stored: nothing follows it in the same transaction.
        loan.was_paid, loan.is_put_off = True, is_backdated
        loan.numbers.pop(0)
        self.alike.add(likeness)
        self.taken.append(TakenPayment(loan=key, order=order, method=request.method, trace=call.trace(self.uow.now)))
        decision = loan.billing.decision
        applied = cash_applied(decision.transfers, payment_id=order.payment_id)
        self.events.append(payment_received(order, decision.position, applied, method=request.method))
        return receipt_of(order, decision.position, applied, replayed=False)

    def _is_repeat_within(self, key: LoanKey, reference: str | None) -> bool:
        """Whether a payment of this group has the same reference: its receipt can be read once it is written."""
        return reference is not None and any(
            taken.loan == key and taken.order.reference == reference for taken in self.taken
        )

    async def _decide(self, key: LoanKey, current: Billing, order: PaymentOrder, *, is_backdated: bool) -> Billing:
        """Today's payment is decided on where the loan stands; one from before its latest event replays it."""
        position = current.decision.position
        if not is_backdated:
            return current._replace(decision=current.decision.then(decide_payment(position, order).decision))
        check_order(position, order)
        return await reversals.add_backdated(self.uow, key, current, order)

    async def write(self) -> None:
        """Writes the loans that were paid, the payments, and the answers to the callers who sent a key."""
        given = (call.given(answer, now=self.uow.now) for call, answer in self.answered)
        answers = [each for each in given if each is not None]
        if self.taken or answers:
            paid = [loan for loan in self.loans.values() if loan.was_paid]
            self.events += [one for loan in paid for one in ended(loan.billing.decision.position, was=loan.was)]
            billings = [loan.billing for loan in paid]
            await saving.save_all(self.uow, billings, payments=self.taken, answers=answers, events=self.events)
        # A payment of an earlier day may have come before a day-end that is judged already.
        for customer_id in {one.loan.customer_id for one in self.taken if one.order.value_date < one.order.booked_on}:
            await reversals.ask_to_judge(self.uow, customer_id)

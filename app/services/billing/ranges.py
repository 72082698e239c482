"""Bills one range of a billing run: one transaction for some thousand customers.

It reads the due loans, decides each with the same pure function that a payment uses, updates each loan only if its
version is unchanged, and copies the rows of the loans that were updated. A loan that a payment changed in between is
decided again. A loan that cannot be decided is parked with its reason, and the others continue. If a worker is killed,
the transaction of its range is rolled back.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import structlog

from app import measures
from app.db.placement import find_placement
from app.db.repositories.billing import bills as bill_repository
from app.db.repositories.billing import due_loans as due_repository
from app.db.repositories.billing import plain_cycles as plain_repository
from app.db.repositories.billing import runs as repository
from app.db.repositories.billing.runs import ClaimedRange, RangeTotals
from app.db.repositories.events import log as event_repository
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending import schedules as schedule_repository
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.lending.positions import Stored, position_of
from app.db.repositories.products import products as product_repository
from app.db.session import RefusedByDatabase
from app.domain.billing.bill_events import plain_events, range_events
from app.domain.billing.cycles import Billing, bring_up
from app.domain.billing.plain_cycles import PlainRules, RulesKey, bill_plain_cycles, plain_rules
from app.domain.errors import BROKEN, DomainError
from app.domain.events.happened import Event
from app.domain.lending.loan_events import ended
from app.domain.lending.positions import LoanStatus
from app.domain.people.access import SYSTEM
from app.domain.products.products import RepaymentTerms
from app.services.events.publishing import moment_of
from app.services.lending import saving
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)

#: What a higher capability does with a range, in its transaction; it adds to the totals. The last value says that the
#: database refused the range: then each account is written for itself.
RangeAction: TypeAlias = Callable[[UnitOfWork, ClaimedRange, RangeTotals, bool], Awaitable[None]]


class LeaseLost(Exception):
    """The lease ended before the range was billed; another worker bills it."""


@dataclass(slots=True)
class Batch:
    """The decisions on the loans of a range, ready to be written, and the loans that could not be decided."""

    billings: list[Billing] = field(default_factory=list)
    refused: list[tuple[LoanKey, str, str]] = field(default_factory=list)


async def bill_range(
    uow_factory: UnitOfWorkFactory, claimed: ClaimedRange, *, worker: str, also: Sequence[RangeAction] = ()
) -> None:
    """Bills one range exactly once: its bills and its completion mark are one transaction."""
    try:
        await _bill_whole_range(uow_factory, claimed, worker=worker, one_by_one=False, also=also)
    except RefusedByDatabase as error:
        # The database refused some loan's rows. Written one by one, only that loan is parked.
        log.warning("range refused by the database", number=claimed.number, error=type(error.orig).__name__)
        await _bill_whole_range(uow_factory, claimed, worker=worker, one_by_one=True, also=also)
    except LeaseLost:
        log.warning("lease lost", run_id=claimed.run_id, number=claimed.number)


async def _bill_whole_range(
    uow_factory: UnitOfWorkFactory,
    claimed: ClaimedRange,
    *,
    worker: str,
    one_by_one: bool,
    also: Sequence[RangeAction],
) -> None:
    began = time.perf_counter()
    async with uow_factory.open(SYSTEM) as uow:
        await due_repository.make_room(uow.session)
        await plain_repository.make_room(uow.session)
        # A run of an earlier date, or one that goes on past midnight, books on the day on which it writes.
        today = await uow.business_date()
        totals = RangeTotals()
        parked: set[LoanKey] = set()
        terms: dict[ProductKey, RepaymentTerms] = {}
        if not one_by_one:
            await _bill_plain_cycles(uow, claimed, booked_on=today, terms=terms, totals=totals)
        # Whatever is not plain is still due, and so is a loan that a payment changed in between: the next pass decides
        # it again.
        while due := await _read_due(uow, claimed, terms=terms, parked=parked):
            batch = decide_batch(due, through=claimed.business_date, booked_on=today, terms=terms)
            for key, code, message in batch.refused:
                await _park(uow, claimed, key, code=code, message=message)
                parked.add(key)
            if one_by_one:
                await _write_one_by_one(uow, claimed, batch, totals=totals, parked=parked)
            else:
                await _write(uow, claimed.run_id, batch.billings, totals=totals)
        totals.parked = len(parked)
        for action in also:
            await action(uow, claimed, totals, one_by_one)
        if not await repository.finish_range(uow.session, claimed, worker=worker, totals=totals, now=uow.now):
            raise LeaseLost
    measures.count(measures.LOANS_BILLED, totals.loans)
    measures.count(measures.BILLS, totals.bills)
    measures.count(measures.LOANS_PARKED, totals.parked)
    measures.observe(measures.RANGE_SECONDS, time.perf_counter() - began)


async def _bill_plain_cycles(
    uow: UnitOfWork,
    claimed: ClaimedRange,
    *,
    booked_on: date,
    terms: dict[ProductKey, RepaymentTerms],
    totals: RangeTotals,
) -> None:
    """Bills the loans of a range whose cycle is plain. On a cluster none is: the statement that writes them needs
    tables of one server."""
    if (await find_placement(uow.session)).is_cluster:
        return
    loans = await plain_repository.list_plain_loans(
        uow.session,
        from_customer_id=claimed.from_customer_id,
        to_customer_id=claimed.to_customer_id,
        through=claimed.business_date,
    )
    rules: dict[RulesKey, PlainRules | None] = {}
    for code, version, rate in {loan[:3] for loan in loans}:
        product = ProductKey(code, version)
        await _know_terms(uow, {product}, terms)
        rules[code, version, rate] = plain_rules(terms[product], Decimal(rate))
    bills = await plain_repository.write_plain_bills(
        uow.session,
        bill_plain_cycles(loans, through=claimed.business_date, rules=rules),
        booked_on=booked_on,
        run_id=claimed.run_id,
    )
    await event_repository.copy_events(uow.session, plain_events(bills), await moment_of(uow))
    totals.loans += len(bills)
    totals.bills += len(bills)
    totals.demanded_paise += sum([bill.interest_paise + bill.principal_due_paise for bill in bills])


async def _read_due(
    uow: UnitOfWork,
    claimed: ClaimedRange,
    *,
    terms: dict[ProductKey, RepaymentTerms],
    parked: Set[LoanKey] = frozenset(),
) -> list[Stored]:
    """The loans of a range that are due and not parked. Adds the terms of products that `terms` lacks."""
    due = await due_repository.list_due_loans(
        uow.session,
        from_customer_id=claimed.from_customer_id,
        to_customer_id=claimed.to_customer_id,
        through=claimed.business_date,
    )
    await _know_terms(uow, {stored.product for stored in due}, terms)
    return [stored for stored in due if stored.key not in parked] if parked else due


async def _know_terms(uow: UnitOfWork, products: Set[ProductKey], terms: dict[ProductKey, RepaymentTerms]) -> None:
    for product in products - terms.keys():
        terms[product] = (await product_repository.get_product(uow.session, *product)).repayment


def decide_batch(
    due: Sequence[Stored], *, through: date, booked_on: date, terms: Mapping[ProductKey, RepaymentTerms]
) -> Batch:
    """Decides each loan on its own, and books on a business date. A loan that fails is listed with its reason, and the
    others continue."""
    batch = Batch()
    for stored in due:
        try:
            position = position_of(stored.row, terms[stored.product])
            batch.billings.append(bring_up(position, through=through, booked_on=booked_on))
        except DomainError as error:
            batch.refused.append((stored.key, error.code, error.message))
        except BROKEN as error:
            # One broken loan must not stop the billing of the others.
            log.exception("loan cannot be billed", loan_id=stored.key.loan_id)
            batch.refused.append((stored.key, "loan_broken", f"{type(error).__name__} while billing"))
    return batch


async def _write(uow: UnitOfWork, run_id: int, billings: Sequence[Billing], *, totals: RangeTotals) -> None:
    """Updates the loans whose versions are unchanged, and writes the bills, transfers, plans and events of those."""
    written = await due_repository.update_loans(uow.session, [billing.decision.position for billing in billings])
    bills, transfers, states, plans, billed = [], [], [], [], []
    demanded = 0
    for billing in billings:
        decision = billing.decision
        position = decision.position
        key = (position.customer_id, position.loan_id)
        if key not in written:
            continue
        billed.append(billing)
        bills += bill_repository.bill_records(position, billing.bills, decision.states, run_id=run_id)
        transfers += [(*key, *transfer) for transfer in decision.transfers]
        if len(decision.states) > len(billing.bills):
            states += saving.changed_states(decision, {bill.cycle for bill in billing.bills})
        if decision.plans:
            plans.append((position, decision.plans))
        demanded += demanded_paise(billing)
    await schedule_repository.add_plans(uow.session, plans)
    await bill_repository.copy_bills(uow.session, bills)
    await ledger_repository.copy_transfers(uow.session, transfers)
    await bill_repository.update_bill_states(uow.session, states)
    await event_repository.copy_events(uow.session, _events_of(billed), await moment_of(uow))
    # Only loans that were written are counted.
    totals.demanded_paise += demanded
    totals.loans += len(written)
    totals.bills += len(bills)


def _events_of(billed: Sequence[Billing]) -> list[Event]:
    """The events of loans of a range, which were active when they were read."""
    closed = [
        event
        for billing in billed
        if (position := billing.decision.position).status is not LoanStatus.ACTIVE
        for event in ended(position, was=LoanStatus.ACTIVE)
    ]
    return [*range_events(billed), *closed]


def demanded_paise(billing: Billing) -> int:
    """The interest and principal of the new bills of a loan, without past dues, in paise."""
    return sum(bill.interest_paise + bill.principal_due_paise for bill in billing.bills)


async def _write_one_by_one(
    uow: UnitOfWork, claimed: ClaimedRange, batch: Batch, *, totals: RangeTotals, parked: set[LoanKey]
) -> None:
    """Writes each loan under its own savepoint. Used after the database refused the batch."""
    for billing in batch.billings:
        position = billing.decision.position
        key = LoanKey(position.customer_id, position.loan_id)
        try:
            async with uow.session.begin_nested():
                await _write(uow, claimed.run_id, [billing], totals=totals)
        except RefusedByDatabase as error:
            # On a cluster the error does not say which constraint refused the row.
            log.warning("loan refused by the database", loan_id=key.loan_id, error=type(error.orig).__name__)
            await _park(uow, claimed, key, code="refused_by_database", message="a table refuses the rows of this loan")
            parked.add(key)


async def _park(uow: UnitOfWork, claimed: ClaimedRange, key: LoanKey, *, code: str, message: str) -> None:
    await repository.park_loan(
        uow.session,
        customer_id=key.customer_id,
        loan_id=key.loan_id,
        run_id=claimed.run_id,
        code=code,
        message=message,
        now=uow.now,
    )


async def preview(uow_factory: UnitOfWorkFactory, *, business_date: date, size: int) -> RangeTotals:
    """What a run for a business date would bill. Nothing is written, and memory stays bounded."""
    totals = RangeTotals()
    terms: dict[ProductKey, RepaymentTerms] = {}
    async with uow_factory.open(SYSTEM) as uow:
        spans = await repository.list_due_spans(uow.session, business_date=business_date, size=size)
    for first, last in spans:
        span = ClaimedRange(
            run_id=0, number=0, from_customer_id=first, to_customer_id=last, business_date=business_date
        )
        async with uow_factory.open(SYSTEM) as uow:
            due = await _read_due(uow, span, terms=terms)
        batch = decide_batch(due, through=business_date, booked_on=business_date, terms=terms)
        totals.loans += len(batch.billings)
        totals.parked += len(batch.refused)
        for billing in batch.billings:
            totals.bills += len(billing.bills)
            totals.demanded_paise += demanded_paise(billing)
    return totals

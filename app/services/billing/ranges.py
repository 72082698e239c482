"""A range of a billing run: one transaction for some thousand customers.

Read the due loans, decide each with the same pure function that a single payment uses, write the loans by comparing
their versions, and copy the rows of those that were written. A loan that a payment changed in between is decided again;
one that cannot be decided is parked with its reason, and the others go on. Killing a worker costs the range it held,
whose transaction never happened.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

import structlog

from app.db.repositories.billing import bills as bill_repository
from app.db.repositories.billing import due_loans as due_repository
from app.db.repositories.billing import runs as repository
from app.db.repositories.billing.runs import ClaimedRange, RangeTotals
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending import schedules as schedule_repository
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.lending.positions import Stored, position_of
from app.db.repositories.products import products as product_repository
from app.db.session import RefusedByDatabase
from app.domain.billing.cycles import Billing, bring_up
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.domain.products.products import RepaymentTerms
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """The lease ended before the work did; whoever holds the range now does it."""


@dataclass(slots=True)
class Batch:
    """What the loans of a range came to, ready to be written."""

    billings: list[Billing] = field(default_factory=list)
    refused: list[tuple[LoanKey, str, str]] = field(default_factory=list)


async def bill_range(uow_factory: UnitOfWorkFactory, claimed: ClaimedRange, *, worker: str) -> None:
    """Bills one range, exactly once: its bills and the mark that it is done are one transaction."""
    try:
        await _bill_whole_range(uow_factory, claimed, worker=worker, one_by_one=False)
    except RefusedByDatabase as error:
        # Some loan's rows do not fit. Loan by loan, only that one stays behind.
        log.warning("range refused by the database", number=claimed.number, error=type(error.orig).__name__)
        await _bill_whole_range(uow_factory, claimed, worker=worker, one_by_one=True)
    except LeaseLost:
        log.warning("lease lost", run_id=claimed.run_id, number=claimed.number)


async def _bill_whole_range(
    uow_factory: UnitOfWorkFactory, claimed: ClaimedRange, *, worker: str, one_by_one: bool
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        await due_repository.make_room(uow.session)
        totals = RangeTotals()
        parked: set[LoanKey] = set()
        terms: dict[ProductKey, RepaymentTerms] = {}
        # What a payment changed in between is due still, and is found and decided again.
        while due := await _read_due(uow, claimed, terms=terms, parked=parked):
            batch = decide_batch(due, through=claimed.business_date, terms=terms)
            for key, code, message in batch.refused:
                await _park(uow, claimed, key, code=code, message=message)
                parked.add(key)
            if one_by_one:
                await _write_one_by_one(uow, claimed, batch, totals=totals, parked=parked)
            else:
                await _write(uow, claimed.run_id, batch.billings, totals=totals)
        totals.parked = len(parked)
        if not await repository.finish_range(uow.session, claimed, worker=worker, totals=totals, now=uow.now):
            raise LeaseLost


async def _read_due(
    uow: UnitOfWork,
    claimed: ClaimedRange,
    *,
    terms: dict[ProductKey, RepaymentTerms],
    parked: Set[LoanKey] = frozenset(),
) -> list[Stored]:
    """The loans of a range that are due and not parked; `terms` learns those of products it has not met yet."""
    due = await due_repository.list_due_loans(
        uow.session,
        from_customer_id=claimed.from_customer_id,
        to_customer_id=claimed.to_customer_id,
        through=claimed.business_date,
    )
    for product in {stored.product for stored in due} - terms.keys():
        terms[product] = (await product_repository.get_product(uow.session, *product)).repayment
    return [stored for stored in due if stored.key not in parked] if parked else due


def decide_batch(due: Sequence[Stored], *, through: date, terms: Mapping[ProductKey, RepaymentTerms]) -> Batch:
    """Decides every loan, each on its own: what is wrong with one is kept with its name, and the others go on."""
    batch = Batch()
    for stored in due:
        try:
            position = position_of(stored.row, terms[stored.product])
            batch.billings.append(bring_up(position, through=through))
        except DomainError as error:
            batch.refused.append((stored.key, error.code, error.message))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
            # A broken loan must not keep a million others from being billed.
            log.exception("loan cannot be billed", loan_id=stored.key.loan_id)
            batch.refused.append((stored.key, "loan_broken", f"{type(error).__name__} while billing"))
    return batch


async def _write(uow: UnitOfWork, run_id: int, billings: Sequence[Billing], *, totals: RangeTotals) -> None:
    """Writes the loans by comparing versions, and for the ones that were written everything that leads there."""
    written = await due_repository.update_loans(uow.session, [billing.decision.position for billing in billings])
    bills, transfers, states = [], [], []
    demanded = 0
    for billing in billings:
        decision = billing.decision
        position = decision.position
        key = (position.customer_id, position.loan_id)
        if key not in written:
            continue
        bills += bill_repository.bill_records(position, billing.bills, decision.states, run_id=run_id)
        transfers += [(*key, *transfer) for transfer in decision.transfers]
        if len(decision.states) > len(billing.bills):
            states += loans.changed_states(decision, {bill.cycle for bill in billing.bills})
        if decision.plans:
            await schedule_repository.add_plans(uow.session, position, decision.plans)
        demanded += demanded_paise(billing)
    await bill_repository.copy_bills(uow.session, bills)
    await ledger_repository.copy_transfers(uow.session, transfers)
    await bill_repository.update_bill_states(uow.session, states)
    # Only what the database took is counted.
    totals.demanded_paise += demanded
    totals.loans += len(written)
    totals.bills += len(bills)


def demanded_paise(billing: Billing) -> int:
    """What the new bills of a loan ask for, without past dues."""
    return sum(bill.interest_paise + bill.principal_due_paise for bill in billing.bills)


async def _write_one_by_one(
    uow: UnitOfWork, claimed: ClaimedRange, batch: Batch, *, totals: RangeTotals, parked: set[LoanKey]
) -> None:
    """The slow way, after the database refused a batch: each loan under a savepoint of its own."""
    for billing in batch.billings:
        position = billing.decision.position
        key = LoanKey(position.customer_id, position.loan_id)
        try:
            async with uow.session.begin_nested():
                await _write(uow, claimed.run_id, [billing], totals=totals)
        except RefusedByDatabase as error:
            await _park(uow, claimed, key, code="refused_by_database", message=type(error.orig).__name__)
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
    """What a run for a business date would bill, with nothing written; in bounded memory."""
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
        batch = decide_batch(due, through=business_date, terms=terms)
        totals.loans += len(batch.billings)
        totals.parked += len(batch.refused)
        for billing in batch.billings:
            totals.bills += len(billing.bills)
            totals.demanded_paise += demanded_paise(billing)
    return totals

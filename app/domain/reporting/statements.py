"""Statements: what a borrower has paid, and what is still to come.

A statement is read from facts that are in the books already (bills, the plan, payments and where they went); nothing in
it is computed a second time. An instalment is a bill where there is one, and a bill to come where there is not yet.
Paid in advance, it counts as paid and shows the breakdown of the bill to come.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.ledger import Account, Transfer
from app.domain.lending.positions import Position, due_date
from app.domain.products.products import Component


class InstalmentStatus(StrEnum):
    """How an instalment stands on a day."""

    PAID = "PAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    OVERDUE = "OVERDUE"
    WRITTEN_OFF = "WRITTEN_OFF"
    DUE = "DUE"
    UPCOMING = "UPCOMING"


#: Of these nothing is asked any more.
SETTLED = frozenset({InstalmentStatus.PAID, InstalmentStatus.WRITTEN_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A payment and where it went. An advance that a bill consumed counts as interest and principal."""

    payment_id: int
    value_date: date
    amount_paise: int
    charges_paise: int
    interest_paise: int
    principal_paise: int
    advance_paise: int
    method: str | None
    reference: str | None
    reversed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was settled without money, in paise, and of which bill.

    The lender gave it up (`account` says how), or a credit of interest paid it (`account` is interest; `component` is
    advance for what is owed back to the borrower).
    """

    account: Account
    component: Account
    cycle: int | None
    amount_paise: int


class StatementLine(NamedTuple):
    """One instalment: what it asks for, how it stands, and what is unpaid of it. `unpaid_paise` includes charges.

    `billed_on` is the instalment's own date, on which it is (or was) billed; `due_on` the last day to pay the bill.
    """

    number: int
    billed_on: date
    due_on: date
    status: InstalmentStatus
    principal_paise: int
    interest_paise: int
    unpaid_paise: int

    @property
    def amount_paise(self) -> int:
        """Principal and interest."""
        return self.principal_paise + self.interest_paise

    @property
    def is_upcoming(self) -> bool:
        """Whether something of it is still to be paid."""
        return self.status not in SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTransaction:
    """A payment that stands, by what it pays. What waits as an advance is shown as its instalments are planned."""

    paid_on: date
    principal_paise: int
    interest_paise: int
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of a loan on a day. `outstanding_paise` is principal only. Money in paise.

    `payments` are all there ever were, as the books have them; `past` those that stand, with the advances read as what
    they are meant for.
    """

    on: date
    principal_paid_paise: int
    interest_paid_paise: int
    charges_paid_paise: int
    interest_waived_paise: int = 0
    charges_waived_paise: int = 0
    principal_written_off_paise: int = 0
    interest_written_off_paise: int = 0
    charges_written_off_paise: int = 0
    outstanding_paise: int
    advance_paise: int
    overdue_paise: int
    lines: tuple[StatementLine, ...]
    payments: tuple[PaymentFacts, ...]
    past: tuple[PastTransaction, ...]

    @property
    def upcoming(self) -> tuple[StatementLine, ...]:
        """What is still to be paid, in order."""
        return tuple(line for line in self.lines if line.is_upcoming)


def make_statement(
    position: Position,
    *,
    bills: Sequence[IssuedBill],
    payments: Sequence[PaymentFacts],
    on: date,
    moved: Sequence[Moved] = (),
) -> Statement:
    """Puts a statement together from a position that is caught up to `on`, its bills, its payments, and what was
    settled without money. Interest that was paid and taken back counts as what it paid instead."""
    standing = [payment for payment in payments if payment.reversed_on is None]
    lost: Counter[tuple[Account, Account]] = Counter()
    for part in moved:
        lost[part.account, part.component] += part.amount_paise
    written_off = {part.cycle for part in moved if part.account is Account.WRITE_OFFS}
    to_principal, to_charges = lost[Account.INTEREST, Account.PRINCIPAL], lost[Account.INTEREST, Account.CHARGES]
    credited = to_principal + to_charges + lost[Account.INTEREST, Account.ADVANCE]
    overdue = position.overdue_paise(on)
    return Statement(
        on=on,
        principal_paid_paise=sum(payment.principal_paise for payment in standing) + to_principal,
        interest_paid_paise=sum(payment.interest_paise for payment in standing) - credited,
        charges_paid_paise=sum(payment.charges_paise for payment in standing) + to_charges,
        interest_waived_paise=lost[Account.WAIVERS, Account.INTEREST],
        charges_waived_paise=lost[Account.WAIVERS, Account.CHARGES],
        principal_written_off_paise=lost[Account.WRITE_OFFS, Account.PRINCIPAL],
        interest_written_off_paise=lost[Account.WRITE_OFFS, Account.INTEREST],
        charges_written_off_paise=lost[Account.WRITE_OFFS, Account.CHARGES],
        outstanding_paise=position.principal_paise,
        advance_paise=position.advance_paise,
        overdue_paise=overdue,
        lines=(*_billed(bills, written_off=written_off, late_on=on if overdue else None), *_planned(position, on=on)),
        payments=tuple(payments),
        past=_past(standing, planned=planned_uses(position)),
    )


def use_advances(payments: Sequence[PaymentFacts], transfers: Iterable[Transfer]) -> list[PaymentFacts]:
    """The payments after transfers that are not in the books yet: what a bill takes of an advance becomes its interest
    and principal, and what is given back is gone."""
    moved: dict[int, dict[Account, int]] = defaultdict(lambda: defaultdict(int))
    for transfer in transfers:
        if transfer.payment_id is not None:
            moved[transfer.payment_id][transfer.credit] += transfer.amount_paise
            moved[transfer.payment_id][transfer.debit] -= transfer.amount_paise
    return [
        replace(
            payment,
            interest_paise=payment.interest_paise + moved[payment.payment_id][Account.INTEREST],
            principal_paise=payment.principal_paise + moved[payment.payment_id][Account.PRINCIPAL],
            advance_paise=payment.advance_paise + moved[payment.payment_id][Account.ADVANCE],
        )
        for payment in payments
    ]


def credits_used(transfers: Iterable[Transfer]) -> list[Moved]:
    """What credits of interest paid or gave back in transfers that are not in the books yet."""
    return [
        Moved(account=one.debit, component=one.component, cycle=one.cycle, amount_paise=one.amount_paise)
        for one in transfers
        if one.debit is Account.INTEREST and one.component is not Account.INTEREST
    ]


def planned_uses(position: Position) -> dict[int, tuple[int, int]]:
    """What each advance will pay when its instalments are billed: payment -> (principal, interest)."""
    if not position.advances:
        return {}
    order = [part for part in position.terms.payment_order if part is not Component.CHARGES]
    wanted = deque(
        (part, bill.principal_paise if part is Component.PRINCIPAL else bill.interest_paise)
        for bill in bills_to_come(position, on=position.cycle_began_on)
        for part in order
    )
    uses: dict[int, tuple[int, int]] = {}
    for payment_id, advance in position.advances:
        left = advance
        used = {Component.PRINCIPAL: 0, Component.INTEREST: 0}
        while left and wanted:
            part, amount = wanted.popleft()
            taken = min(left, amount)
            used[part] += taken
            left -= taken
            if taken < amount:
                wanted.appendleft((part, amount - taken))
        uses[payment_id] = (used[Component.PRINCIPAL], used[Component.INTEREST])
    return uses


def _past(payments: Sequence[PaymentFacts], *, planned: Mapping[int, tuple[int, int]]) -> tuple[PastTransaction, ...]:
    past = []
    for payment in payments:
        principal, interest = planned.get(payment.payment_id, (0, 0))
        past.append(
            PastTransaction(
                paid_on=payment.value_date,
                principal_paise=payment.principal_paise + principal,
                interest_paise=payment.interest_paise + interest,
                amount_paise=payment.amount_paise,
            )
        )
    return tuple(past)


def _billed(
    bills: Sequence[IssuedBill], *, written_off: Collection[int | None], late_on: date | None
) -> Iterator[StatementLine]:
    """The lines of bills; where something is overdue, `late_on` is the day of the statement."""
    for issued in bills:
        is_late = late_on is not None and issued.bill.due_on < late_on
        yield _billed_line(issued, is_late=is_late, written_off=issued.bill.cycle in written_off)


def _billed_line(issued: IssuedBill, *, is_late: bool, written_off: bool) -> StatementLine:
    """The line of a bill; principal that went back to the plan is not asked for by it any more."""
    bill, left = issued
    demanded = left.demanded_paise - left.returned_paise
    unpaid = left.unpaid_paise
    if written_off:
        status = InstalmentStatus.WRITTEN_OFF
    elif unpaid == 0:
        status = InstalmentStatus.PAID
    elif is_late:
        status = InstalmentStatus.OVERDUE
    elif unpaid < demanded:
        status = InstalmentStatus.PARTIALLY_PAID
    else:
        status = InstalmentStatus.DUE
    return StatementLine(
        number=bill.cycle,
        billed_on=bill.billed_on,
        due_on=bill.due_on,
        status=status,
        principal_paise=bill.principal_due_paise - left.returned_paise,
        interest_paise=bill.interest_paise,
        unpaid_paise=unpaid,
    )


def _planned(position: Position, *, on: date) -> list[StatementLine]:
    """The lines of bills to come, as far as an advance does not pay them already."""
    lines = []
    advance = position.advance_paise
    for bill in bills_to_come(position, on=on):
        status, unpaid = InstalmentStatus.UPCOMING, bill.unpaid_paise
        if advance or bill.credit_paise:
            covered = min(advance, unpaid)
            advance -= covered
            unpaid -= covered
            status = InstalmentStatus.PARTIALLY_PAID if unpaid else InstalmentStatus.PAID
        lines.append(
            StatementLine(
                number=bill.cycle,
                billed_on=bill.billed_on,
                due_on=due_date(bill.billed_on, position.terms),
                status=status,
                principal_paise=bill.principal_paise,
                interest_paise=bill.interest_paise,
                unpaid_paise=unpaid,
            )
        )
    return lines

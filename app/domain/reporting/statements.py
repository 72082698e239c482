"""Statements: what the borrower has paid, and what is still to pay.

A statement is made from stored facts (bills, the plan, payments and their allocation); nothing is computed a second
time. Each instalment is a bill or, when it is not billed yet, a bill to come. An instalment that was paid in advance is
shown as paid, with the breakdown of the bill to come.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.domain.billing.bills_to_come import bills_to_come, charges_to_come
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.ledger import Account, Transfer
from app.domain.lending.positions import Position, due_date_of
from app.domain.reporting.advance_uses import planned_uses


class InstalmentStatus(StrEnum):
    """The status of an instalment on a day."""

    PAID = "PAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    OVERDUE = "OVERDUE"
    WRITTEN_OFF = "WRITTEN_OFF"
    DUE = "DUE"
    UPCOMING = "UPCOMING"


#: The statuses of instalments on which nothing is to be paid.
SETTLED = frozenset({InstalmentStatus.PAID, InstalmentStatus.WRITTEN_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A payment and its allocation, in paise. An advance that a bill has used counts as interest and principal."""

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
    """An amount (paise) that was settled without a payment, and the cycle of its bill.

    The lender gave it up (`account` is `waivers` or `write_offs`), or a credit of interest paid it (`account` is
    `interest`; then `component` is `advance` for an amount that is owed back to the borrower, and interest that became
    principal counts below zero), or it is a fee of the disbursal (`account` is `charge_income`).
    """

    account: Account
    component: Account
    cycle: int | None
    amount_paise: int


class StatementLine(NamedTuple):
    """One instalment: its amounts in paise, its status, and its unpaid amount. `unpaid_paise` includes charges.

    `billed_on` is the billing date of the instalment, `due_on` the last day to pay the bill.
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
        """Whether something is still to be paid."""
        return self.status not in SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTransaction:
    """A payment that is not reversed, in paise. An advance is shown by the principal and interest that it will pay."""

    paid_on: date
    principal_paise: int
    interest_paise: int
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of a loan on a day. Money in paise. `outstanding_paise` is principal only.

    `interest_capitalised_paise` became principal, so it is neither paid nor due as interest: what is outstanding, paid
    and written off of principal is what was lent and this. `charges_paid_paise` has the fees of the disbursal;
    `charges_due_paise` are charges on the books that are not paid, and `charges_to_come_paise` those that the next bill
    demands. `payments` are all stored payments. `past` are those that are not reversed, where an advance is shown by
    the principal and interest that it will pay.
    """

    on: date
    principal_paid_paise: int
    interest_paid_paise: int
    charges_paid_paise: int
    interest_capitalised_paise: int = 0
    interest_waived_paise: int = 0
    charges_waived_paise: int = 0
    principal_written_off_paise: int = 0
    interest_written_off_paise: int = 0
    charges_written_off_paise: int = 0
    charges_due_paise: int = 0
    charges_to_come_paise: int = 0
    outstanding_paise: int
    advance_paise: int
    overdue_paise: int
    lines: tuple[StatementLine, ...]
    payments: tuple[PaymentFacts, ...]
    past: tuple[PastTransaction, ...]

    @property
    def upcoming(self) -> tuple[StatementLine, ...]:
        """The instalments that are still to be paid, in order."""
        return tuple(line for line in self.lines if line.is_upcoming)


def make_statement(
    position: Position,
    *,
    bills: Sequence[IssuedBill],
    payments: Sequence[PaymentFacts],
    on: date,
    moved: Sequence[Moved] = (),
) -> Statement:
    """The statement of a position that is caught up to `on`. Credited interest counts as what the credit paid; what
    nobody had paid was of interest that had become principal."""
    standing = [payment for payment in payments if payment.reversed_on is None]
    settled: dict[tuple[Account, Account], int] = defaultdict(int)
    for part in moved:
        settled[part.account, part.component] += part.amount_paise
    written_off = {part.cycle for part in moved if part.account is Account.WRITE_OFFS}
    capitalised = _capitalised_paise(position, bills)
    to_principal = settled[Account.INTEREST, Account.PRINCIPAL] + capitalised
    to_charges, fees = settled[Account.INTEREST, Account.CHARGES], settled[Account.CHARGE_INCOME, Account.CHARGES]
    credited = to_principal + to_charges + settled[Account.INTEREST, Account.ADVANCE]
    interest_paid = sum(payment.interest_paise for payment in standing) - credited
    never_due = min(max(-interest_paid, 0), capitalised)
    overdue = position.overdue_paise(on)
    return Statement(
        on=on,
        principal_paid_paise=sum(payment.principal_paise for payment in standing) + to_principal - never_due,
        interest_paid_paise=interest_paid + never_due,
        charges_paid_paise=sum(payment.charges_paise for payment in standing) + to_charges + fees,
        interest_capitalised_paise=capitalised - never_due,
        interest_waived_paise=settled[Account.WAIVERS, Account.INTEREST],
        charges_waived_paise=settled[Account.WAIVERS, Account.CHARGES],
        principal_written_off_paise=settled[Account.WRITE_OFFS, Account.PRINCIPAL],
        interest_written_off_paise=settled[Account.WRITE_OFFS, Account.INTEREST],
        charges_written_off_paise=settled[Account.WRITE_OFFS, Account.CHARGES],
        charges_due_paise=position.charges_paise,
        charges_to_come_paise=charges_to_come(position, on=on),
        outstanding_paise=position.principal_paise,
        advance_paise=position.advance_paise,
        overdue_paise=overdue,
        lines=(*_billed(bills, written_off=written_off, late_on=on if overdue else None), *_planned(position, on=on)),
        payments=tuple(payments),
        past=_past(standing, planned=planned_uses(position)),
    )


def _capitalised_paise(position: Position, bills: Iterable[IssuedBill]) -> int:
    """The interest that became principal: bill by bill in a moratorium, and with arrears in a restructuring."""
    in_moratoriums = sum(max(-issued.bill.principal_due_paise, 0) for issued in bills)
    return in_moratoriums + (0 if position.alterations is None else position.alterations.capitalised_paise)


def use_advances(payments: Sequence[PaymentFacts], transfers: Iterable[Transfer]) -> list[PaymentFacts]:
    """The payments after transfers that are not stored yet.

    The part of an advance that a bill uses becomes interest, principal and charges. What is paid back is removed.
    """
    moved: dict[int, dict[Account, int]] = defaultdict(lambda: defaultdict(int))
    for transfer in transfers:
        if transfer.payment_id is not None:
            moved[transfer.payment_id][transfer.credit] += transfer.amount_paise
            moved[transfer.payment_id][transfer.debit] -= transfer.amount_paise
    if not moved:
        return list(payments)
    return [
        replace(
            payment,
            charges_paise=payment.charges_paise + moved[payment.payment_id][Account.CHARGES],
            interest_paise=payment.interest_paise + moved[payment.payment_id][Account.INTEREST],
            principal_paise=payment.principal_paise + moved[payment.payment_id][Account.PRINCIPAL],
            advance_paise=payment.advance_paise + moved[payment.payment_id][Account.ADVANCE],
        )
        for payment in payments
    ]


def credits_used(transfers: Iterable[Transfer]) -> list[Moved]:
    """The amounts that credits of interest paid or gave back, in transfers that are not stored yet; below zero, what
    of the interest became principal."""
    interest = Account.INTEREST
    return [
        Moved(
            account=interest,
            component=transfer.component,
            cycle=transfer.cycle,
            amount_paise=transfer.amount_paise if transfer.debit is interest else -transfer.amount_paise,
        )
        for transfer in transfers
        if interest in (transfer.debit, transfer.credit) and transfer.component is not interest
    ]


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
    """The lines of bills. `late_on` is the day of the statement when something is overdue, otherwise None."""
    for issued in bills:
        is_late = late_on is not None and issued.bill.due_on < late_on
        yield _billed_line(issued, is_late=is_late, written_off=issued.bill.cycle in written_off)


def _billed_line(issued: IssuedBill, *, is_late: bool, written_off: bool) -> StatementLine:
    """The line of a bill, without the principal that went back to the plan."""
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
    """The lines of bills to come. An advance pays the first of them."""
    lines = []
    advance, upcoming = position.advance_paise, InstalmentStatus.UPCOMING
    # A statement has dozens of these lines, and is read often: each is unpacked and made at once.
    for bill in bills_to_come(position, on=on):
        cycle, billed_on, principal, interest, credit, _ = bill
        status, unpaid = upcoming, bill.unpaid_paise
        if advance or credit:
            covered = min(advance, unpaid)
            advance -= covered
            unpaid -= covered
            status = InstalmentStatus.PARTIALLY_PAID if unpaid else InstalmentStatus.PAID
        due_on = due_date_of(position, cycle=cycle, billed_on=billed_on)
        lines.append(StatementLine(cycle, billed_on, due_on, status, principal, interest, unpaid))
    return lines

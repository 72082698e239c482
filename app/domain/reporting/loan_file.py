"""A loan on one page: each instalment with its bill and its payments on one line, its balance over time, and what
happened to it.

Nothing is computed a second time: the lines are those of the statement, the balance is that of the ledger, and the
future is that of the bills to come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.domain.billing.bills_to_come import bills_to_come
from app.domain.delinquency.changes import Change
from app.domain.delinquency.classes import AssetClass
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import PlanReason, Position
from app.domain.money import format_inr
from app.domain.reporting.statements import InstalmentStatus, PaymentFacts, StatementLine


class PaidPart(NamedTuple):
    """What one payment settled of one instalment, in paise."""

    payment_id: int
    value_date: date
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """An instalment: the plan, its bill and its payments. Money in paise; `charges_paise` are those that its bill
    demands beside it, and `unpaid_paise` includes them."""

    number: int
    billed_on: date
    due_on: date
    status: InstalmentStatus
    principal_paise: int
    interest_paise: int
    charges_paise: int
    unpaid_paise: int
    settled_on: date | None
    payments: tuple[PaidPart, ...]

    @property
    def amount_paise(self) -> int:
        """Principal and interest."""
        return self.principal_paise + self.interest_paise

    @property
    def paid_paise(self) -> int:
        """What payments settled of it, with its charges."""
        return sum(part.amount_paise for part in self.payments)


class Point(NamedTuple):
    """The balance (paise) from a day on."""

    on: date
    balance_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceLines:
    """The principal of a loan over time: as first planned, as it was, and as it will be if every bill is paid."""

    planned: tuple[Point, ...]
    real: tuple[Point, ...]
    ahead: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a loan, in words."""

    on: date
    what: str
    details: str = ""


def file_lines(
    lines: Iterable[StatementLine],
    *,
    settled: Mapping[int, date | None],
    charges: Mapping[int, int],
    paid: Mapping[int, Sequence[PaidPart]],
) -> list[FileLine]:
    """The instalments of a statement, each with the charges of its bill, the day on which it was settled and what
    payments settled of it."""
    return [
        FileLine(
            number=line.number,
            billed_on=line.billed_on,
            due_on=line.due_on,
            status=line.status,
            principal_paise=line.principal_paise,
            interest_paise=line.interest_paise,
            charges_paise=charges.get(line.number, 0),
            unpaid_paise=line.unpaid_paise,
            settled_on=settled.get(line.number),
            payments=tuple(paid.get(line.number, ())),
        )
        for line in lines
    ]


def balance_lines(
    position: Position,
    transfers: Sequence[Transfer],
    *,
    due_on: Sequence[date],
    principal_paise: Sequence[int],
    on: date,
) -> BalanceLines:
    """The balance of a loan that is caught up to `on`. `due_on` and `principal_paise` are its first plan."""
    balance = position.disbursed_paise
    planned = [Point(position.disbursed_on, balance)]
    for day, principal in zip(due_on, principal_paise, strict=True):
        balance -= principal
        planned.append(Point(day, balance))
    real = _real(transfers)
    # Open bills are assumed to be paid on the day, as everywhere (decision 0026).
    balance = position.undemanded_principal_paise
    ahead = [Point(on, position.principal_paise), Point(on, balance)]
    for bill in bills_to_come(position, on=on):
        balance -= bill.principal_paise
        ahead.append(Point(bill.billed_on, balance))
    return BalanceLines(planned=tuple(planned), real=(*real, Point(on, position.principal_paise)), ahead=tuple(ahead))


def _real(transfers: Sequence[Transfer]) -> list[Point]:
    """The principal of the ledger after each day on which it changed, by value date."""
    changes: dict[date, int] = {}
    for transfer in transfers:
        delta = (transfer.debit is Account.PRINCIPAL) - (transfer.credit is Account.PRINCIPAL)
        if delta:
            changes[transfer.value_date] = changes.get(transfer.value_date, 0) + delta * transfer.amount_paise
    balance, points = 0, []
    for day in sorted(changes):
        balance += changes[day]
        points.append(Point(day, balance))
    return points


class MadePlan(NamedTuple):
    """A version of the plan: when and why it was made, and its instalment in paise."""

    version: int
    made_on: date
    reason: PlanReason
    emi_paise: int


def to_be_current_paise(position: Position, *, on: date) -> int:
    """The amount (paise) that makes a loan current: all that is unpaid of bills whose due date is before `on`, with
    their charges, also where the product's tolerance calls nothing overdue."""
    return sum(bill.unpaid_paise for bill in position.open_bills if bill.due_on < on)


def happenings(
    plans: Iterable[MadePlan],
    payments: Iterable[PaymentFacts],
    transfers: Iterable[Transfer],
    changes: Iterable[Change],
) -> list[Happening]:
    """What happened to a loan, the latest first: its plans, its payments, what was given up, and its classes."""
    found = [
        Happening(
            on=plan.made_on,
            what="The loan is paid out" if plan.version == 1 else "A new plan",
            details=f"EMI {format_inr(plan.emi_paise)}, {plan.reason.value.replace('_', ' ')}",
        )
        for plan in plans
    ]
    for payment in payments:
        amount = format_inr(payment.amount_paise)
        details = " ".join(word for word in (payment.method, payment.reference) if word)
        found.append(Happening(on=payment.value_date, what=f"{amount} received", details=details))
        if payment.reversed_on is not None:
            found.append(Happening(on=payment.reversed_on, what=f"{amount} taken back", details=details))
    found += _given_up(transfers)
    found += [_class_change(change) for change in changes if change.before.asset_class != change.after.asset_class]
    return sorted(found, key=lambda each: each.on, reverse=True)


def _given_up(transfers: Iterable[Transfer]) -> list[Happening]:
    given: dict[tuple[date, Kind], int] = {}
    for transfer in transfers:
        if transfer.kind in (Kind.WAIVER, Kind.WRITE_OFF):
            key = (transfer.booked_on, transfer.kind)
            given[key] = given.get(key, 0) + transfer.amount_paise
    names = {Kind.WAIVER: "A waiver", Kind.WRITE_OFF: "A write-off"}
    return [Happening(on=day, what=names[kind], details=format_inr(paise)) for (day, kind), paise in given.items()]


def _class_change(change: Change) -> Happening:
    after = change.after.asset_class
    what = "No longer on the books" if after is None else f"Class {_spoken(after)}"
    return Happening(on=change.on, what=what, details=change.reason.value.replace("_", " "))


def _spoken(asset_class: AssetClass) -> str:
    """`sma_0` is SMA-0, and `sub_standard` is sub-standard."""
    words = asset_class.value.replace("_", "-")
    return words.upper() if words.startswith("sma") else words

"""Changes of a living loan: a rate is reset, the rest is restructured, the due day moves, more is lent.

A change is an action with a number, as a payment is: it is decided on the loan of its day, and a replay makes it again
in its place. It changes what is left and nothing that was billed. `changing.py` makes it.

A floating rate is its benchmark plus the spread of the loan. When it is reset, the borrower chooses what gives: the
instalment, the end, or both with an instalment that the borrower names. An instalment that would not pay the interest
is refused, so a reset never lets the balance grow. Source: RBI/2023-24/55; docs/decisions/0042.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.errors import Conflict, Invalid, Rejected
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import LoanNotActive
from app.domain.schedules.terms import (
    MAX_INSTALMENTS,
    Amortisation,
    AmountInvalid,
    InstalmentsInvalid,
    Moratorium,
    MoratoriumTooLong,
)


class ChangeKind(StrEnum):
    """What is changed."""

    RATE_RESET = "rate_reset"
    RESTRUCTURE = "restructure"
    DUE_DAY = "due_day"
    TOP_UP = "top_up"


class Adjusts(StrEnum):
    """What gives when a rate is reset or more is lent: the instalment, the end, or both."""

    EMI = "emi"
    TENOR = "tenor"
    BOTH = "both"


class ChangeNotPossible(Rejected):
    """The loan cannot be changed so: its interest is set for the whole term (`flat`), or no instalment is left. Take a
    payment, or make another loan."""

    code = "change_not_possible"


class RateBelowZero(Invalid):
    """The rate that a reset gives is below zero. Correct the benchmark or the rate."""

    code = "rate_below_zero"


class BalanceWouldGrow(Rejected):
    """The instalment does not pay the interest at the new rate, so the balance would never fall. Let the instalment
    change, or name one above `figures.interest`."""

    code = "balance_would_grow"


class TenorTooLong(Rejected):
    """With that instalment the loan would not end within `figures.most` instalments. Let the instalment change, or name
    a larger one."""

    code = "tenor_too_long"


class RateUnchanged(Rejected):
    """The rate was reset to this one for this day before, with the same choice, so nothing would change. Leave it, or
    name another rate, day or choice."""

    code = "rate_unchanged"


class EmiOfBoth(Invalid):
    """A change of both needs the instalment that the borrower names, and only it. Send `emi` with `both`, and with
    nothing else."""

    code = "emi_of_both"


class DueDayUnchanged(Rejected):
    """Instalments fall due on that day already, or not on a day of the month. Name another day, or leave it."""

    code = "due_day_unchanged"


class RestructureOfNothing(Invalid):
    """The restructuring names no rate, no number of instalments, no moratorium and no arrears. Name one of them."""

    code = "restructure_of_nothing"


class TopUpWithArrears(Rejected):
    """The loan is overdue, so nothing more is lent on it. Take a payment of `figures.overdue` first."""

    code = "top_up_with_arrears"


class ChangeBilled(Conflict):
    """A bill was issued since, on a date that the change would move. Make another change from today on."""

    code = "change_billed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanChange:
    """A change that counts from `made_on` and was entered on `booked_on`. `number` is from the numbering of the
    payments. Money in paise.

    `instalments` is the number of those that are left then, the current one first. `moratorium.instalments` counts them
    from the current one too. `capitalises_arrears` turns unpaid bills into principal, charges excepted.
    `for_difficulty` says that the borrower is in financial difficulty, from which the class follows. At most
    `most_instalments` may be left. What a top-up lends can be repaid without a charge until `returnable_until`.
    """

    number: int
    kind: ChangeKind
    made_on: date
    booked_on: date
    annual_rate_percent: Decimal | None = None
    adjusts: Adjusts = Adjusts.EMI
    emi_paise: int | None = None
    instalments: int | None = None
    moratorium: Moratorium | None = None
    capitalises_arrears: bool = False
    for_difficulty: bool = False
    due_day: int | None = None
    amount_paise: int = 0
    most_instalments: int = MAX_INSTALMENTS
    returnable_until: date | None = None

    def check_choice(self) -> None:
        """Raises EmiOfBoth."""
        if (self.emi_paise is not None) != (self.adjusts is Adjusts.BOTH):
            raise EmiOfBoth("`both` needs an instalment, and only `both` has one", field="emi")


#: The kinds that move due dates: they are not undone, or made in the past, across a bill.
MOVES_DATES = frozenset({ChangeKind.DUE_DAY, ChangeKind.RESTRUCTURE})


def floating_rate(benchmark_percent: Decimal, *, spread_percent: Decimal) -> Decimal:
    """The rate of a floating loan, in percent a year. Raises RateBelowZero."""
    rate = benchmark_percent + spread_percent
    check_rate(rate)
    return rate


class RateFollowsBenchmark(Invalid):
    """The rate of the loan follows a benchmark, and another rate was named. Leave the rate out."""

    code = "rate_follows_benchmark"


class RateIsFixed(Rejected):
    """The rate of the loan is fixed, so it can be lowered and not raised. Name a rate up to `figures.annual_rate`."""

    code = "rate_is_fixed"


def reset_rate(position: Position, *, asked_percent: Decimal | None, benchmark_percent: Decimal | None) -> Decimal:
    """The rate that a reset gives, in percent a year: the benchmark with the loan's spread, or an agreed lower rate.

    Raises RateFollowsBenchmark, RateIsFixed, RateBelowZero.
    """
    agreement = position.agreement
    if benchmark_percent is not None:
        if asked_percent is not None:
            raise RateFollowsBenchmark("the rate follows the benchmark", field="annual_rate")
        spread = Decimal(0) if agreement is None or agreement.spread_percent is None else agreement.spread_percent
        return floating_rate(benchmark_percent, spread_percent=spread)
    present = position.rate_percent
    if asked_percent is None or asked_percent > present:
        raise RateIsFixed("a fixed rate can only be lowered", field="annual_rate", annual_rate_percent=present)
    return asked_percent


def check_rate(rate_percent: Decimal) -> None:
    """Raises RateBelowZero."""
    if rate_percent < 0:
        raise RateBelowZero("a rate is reset to zero or more", field="annual_rate", annual_rate_percent=rate_percent)


def check_change(position: Position, change: LoanChange) -> None:
    """Checks a change on the loan of its day, apart from the plan that it gives.

    Raises LoanNotActive, ChangeNotPossible, RateBelowZero, EmiOfBoth, InstalmentsInvalid, MoratoriumTooLong,
    RestructureOfNothing, DueDayUnchanged, AmountInvalid, TopUpWithArrears.
    """
    if position.status is not LoanStatus.ACTIVE:
        raise LoanNotActive("the loan is not active: nothing of it can change", field="loan_id", status=position.status)
    _check_possible(position, change)
    if change.annual_rate_percent is not None:
        check_rate(change.annual_rate_percent)
    change.check_choice()
    left = change.instalments
    if left is not None and not 1 <= left <= change.most_instalments:
        raise InstalmentsInvalid(f"from 1 to {change.most_instalments} instalments can be left", field="instalments")
    _CHECKS[change.kind](position, change)


def _check_possible(position: Position, change: LoanChange) -> None:
    if position.terms.amortisation is Amortisation.FLAT:
        raise ChangeNotPossible("the interest of a flat loan is set for the whole term", field="loan_id")
    needs_plan = change.kind in (ChangeKind.RATE_RESET, ChangeKind.DUE_DAY)
    if needs_plan and not position.plan.due_on:
        raise ChangeNotPossible("every instalment is billed: nothing is left to change", field="loan_id")


def _check_restructure(position: Position, change: LoanChange) -> None:
    if change == LoanChange(
        number=change.number,
        kind=change.kind,
        made_on=change.made_on,
        booked_on=change.booked_on,
        for_difficulty=change.for_difficulty,
        most_instalments=change.most_instalments,
    ):
        raise RestructureOfNothing("a restructuring changes something", field="instalments")
    left = change.instalments or len(position.plan.due_on) + (change.moratorium.instalments if change.moratorium else 0)
    if change.moratorium is not None and not 1 <= change.moratorium.instalments < left:
        raise MoratoriumTooLong(
            "a moratorium is one instalment or more, and leaves one",
            field="moratorium",
            moratorium=change.moratorium.instalments,
            instalments=left,
        )


def _check_due_day(position: Position, change: LoanChange) -> None:
    if change.due_day is None or change.due_day == due_day_of(position):
        raise DueDayUnchanged("name another day of the month", field="due_day", due_day=due_day_of(position))


def _check_top_up(position: Position, change: LoanChange) -> None:
    if change.amount_paise <= 0:
        raise AmountInvalid("a top-up must be above zero", field="amount")
    overdue = position.overdue_paise(change.made_on)
    if overdue:
        raise TopUpWithArrears("the loan is overdue", field="loan_id", overdue_paise=overdue)


def _check_nothing(position: Position, change: LoanChange) -> None:
    """The rate was checked before."""


_CHECKS = {
    ChangeKind.RATE_RESET: _check_nothing,
    ChangeKind.RESTRUCTURE: _check_restructure,
    ChangeKind.DUE_DAY: _check_due_day,
    ChangeKind.TOP_UP: _check_top_up,
}


def check_unbilled(change: LoanChange, *, last_billed_on: date | None) -> None:
    """Refuses to undo a change, or to make it in the past, if it moves dates on which a bill was issued since.

    Raises ChangeBilled.
    """
    if change.kind in MOVES_DATES and last_billed_on is not None and last_billed_on > change.made_on:
        raise ChangeBilled(f"a bill was issued on {last_billed_on}", field="change_id", billed_on=last_billed_on)


def due_day_of(position: Position) -> int | None:
    """The day of the month on which instalments fall due; None for days and weeks."""
    terms, altered, agreement = position.terms, position.alterations, position.agreement
    if terms.frequency.value not in ("month", "year"):
        return None
    if altered is not None and altered.due is not None:
        return altered.due.day
    first = None if agreement is None else agreement.first_due_on
    return terms.due_day or (position.disbursed_on if first is None else first).day

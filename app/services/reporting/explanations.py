"""Explains the interest of a loan, and simulates payments, prepayments and rate changes. Nothing is written."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.db.repositories.lending.loans import LoanKey
from app.domain.billing.foresight import ROWS_OF_A_CYCLE
from app.domain.lending.positions import Position
from app.domain.payments.amounts import PaymentOutcome
from app.domain.payments.payments import Payoff, TreatAs, payoff
from app.domain.products.products import Replan
from app.domain.public_ids import LoanReference
from app.domain.reporting.explanations import CycleInterest, explain_interest
from app.domain.reporting.simulations import Outlook, outlook, simulate_payment, simulate_prepayment, simulate_rate
from app.services.lending import loans
from app.services.lending.calculations import calculate
from app.services.payments import reversals
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The interest of a loan over a span of days, cycle by cycle."""

    public_id: str
    position: Position
    from_on: date
    to_on: date
    cycles: tuple[CycleInterest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A loan on a day, as the start of simulations; `before` is its outlook without them."""

    public_id: str
    on: date
    position: Position
    before: Outlook

    @property
    def rows(self) -> int:
        """About how many rows a simulation goes through: the open bills once, the plan four times."""
        return len(self.position.open_bills) + 4 * len(self.position.plan.due_on)


async def explain(uow: UnitOfWork, loan: LoanReference, *, from_on: date | None, to_on: date | None) -> Explanation:
    """The interest of a span (default: from disbursal to today), cycle by cycle. Raises LoanNotFound, SpanNotOfLoan."""
    today = await uow.business_date()
    billing, _ = await loans.find_current(uow, loan)
    position = billing.decision.position
    key = LoanKey(position.customer_id, position.loan_id)
    history = await reversals.read_history(uow, key, pending=billing)
    begin, end = from_on or position.disbursed_on, to_on or today
    await uow.release_connection()
    cycles = await calculate(
        lambda: explain_interest(position, history, from_on=begin, to_on=end, today=today),
        rows=ROWS_OF_A_CYCLE * len(history.bills),
    )
    return Explanation(
        public_id=loans.public_loan_id(position), position=position, from_on=begin, to_on=end, cycles=cycles
    )


async def open_trial(uow: UnitOfWork, loan: LoanReference, *, on: date | None) -> Trial:
    """A loan on a day, today or later, if nothing is paid until then. Raises LoanNotFound, ValueDateInPast,
    TooFarAhead, HorizonTooFar."""
    stored, _ = await loans.find_position(uow, loan)
    day = await loans.check_day(uow, on)
    position = await loans.position_on(uow, stored, on=day)
    await uow.release_connection()
    return Trial(public_id=loans.public_loan_id(position), on=day, position=position, before=outlook(position, on=day))


def try_payment(trial: Trial, *, amount_paise: int, treat_as: TreatAs) -> PaymentOutcome:
    """How a payment would be allocated."""
    return simulate_payment(trial.position, amount_paise=amount_paise, on=trial.on, treat_as=treat_as)


def try_prepayment(trial: Trial, *, amount_paise: int) -> dict[Replan, PaymentOutcome]:
    """The outcome of a prepayment, for each way to re-plan."""
    return simulate_prepayment(trial.position, amount_paise=amount_paise, on=trial.on)


def try_payoff(trial: Trial) -> Payoff:
    """The amount that would close the loan."""
    return payoff(trial.position, on=trial.on)


def try_rate(trial: Trial, *, annual_rate_percent: Decimal) -> dict[Replan, Outlook]:
    """The outlook under another rate, for each way to re-plan."""
    return simulate_rate(trial.position, annual_rate_percent=annual_rate_percent, on=trial.on)

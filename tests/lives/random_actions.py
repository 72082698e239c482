"""Chooses a random action for a loan: mostly payments and waiting, with amounts near the loan's own figures."""

from datetime import date
from random import Random

from app.domain.billing.bills_to_come import next_instalment_paise
from app.domain.calendar import Frequency
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import TreatAs, next_due, payoff
from tests.lives.actions import Action
from tests.lives.agreements import LEAST_DAYS_APART
from tests.lives.drawn_changes import draw_change
from tests.lives.simulated_loan import SimulatedLoan

#: Every so many lives, one is changed and corrected more often than it is paid.
LIVES_BETWEEN_CHANGING_ONES = 4
#: The share of actions that come after a long time: only so does a loan become non-performing. A loan with a bill on
#: every day would have hundreds.
LONG_WAIT_SHARE = 0.05
#: Every so many lives, one is written off soon; the others not before so many days.
LIVES_BETWEEN_LOSSES, LEAST_DAYS_BEFORE_LOSS = 7, 60
#: Actions without figures.
_PLAIN = ("small_balance", "charge", "day_end")


def draw_action(rng: Random, loan: SimulatedLoan) -> Action:
    """A random action, and the day on which it happens."""
    position = loan.books.position
    day = _draw_day(rng, loan)
    if day:
        # The loan moves to that day first, because the amounts depend on what is owed then.
        loan.apply(Action(day, "wait"))
        position = loan.books.position
    now = loan.day
    kinds = _weights(loan)
    kind = rng.choices(list(kinds), weights=list(kinds.values()))[0]
    if kind == "change":
        return draw_change(rng, position, day=now)
    numbers = _numbers(loan, kind)
    if numbers:
        number = rng.choice(numbers)
        return Action(now, kind, number, _draw_second(rng, kind, loan, number))
    match kind:
        case "pay":
            amount, treat_as = _draw_amount(rng, position, on=loan.today), _draw_treat_as(rng)
            return Action(now, kind, amount, 0, treat_as, instalment=_draw_instalment(rng, position))
        case "backdate":
            back = min(rng.choice([1, 2, 14, 15, 16, 31, rng.randrange(1, 150)]), now)
            return Action(now, "pay", _draw_amount(rng, position, on=loan.today), back, _draw_treat_as(rng))
        case "recover":
            back = min(rng.choice([0, 0, 1, 30, rng.randrange(1, 150)]), now)
            amount = rng.choice([1, 100_00, rng.randrange(1, loan.contract.amount_paise + 2)])
            return Action(now, "pay", amount, back, TreatAs.RECOVERY)
        case "refund":
            owed = loan.owed_to_borrower_paise
            return Action(now, kind, rng.choice([owed, owed, owed // 2, 100]))
        case "waive":
            share = rng.choice([1, 1, 2, 3])
            interest = max(position.interest_paise, sum(bill.unpaid_interest_paise for bill in position.open_bills))
            return Action(now, kind, *_draw_waiver(rng, interest // share, position.charges_paise // share))
    may_lose = now > LEAST_DAYS_BEFORE_LOSS or is_lossy(loan)
    return Action(now, kind if kind in _PLAIN or (kind == "write_off" and may_lose) else "wait")


def _weights(loan: SimulatedLoan) -> dict[str, int]:
    """How often each kind of action is drawn."""
    kinds = {
        "pay": 50, "wait": 20, "backdate": 10, "reverse": 8, "waive": 8, "small_balance": 4, "write_off": 1,
        "refund": 3, "change": 12, "undo": 3, "day_end": 8,
    }  # fmt: skip
    if loan.contract.disbursed_on.day % LIVES_BETWEEN_CHANGING_ONES == 0:
        kinds |= {"change": 40, "undo": 20, "reverse": 20}
    if loan.books.charges:
        kinds |= {"take_charge_back": 10, "waive_charge": 10}
    charges = loan.books.position.terms.charges
    if charges is not None and charges.services:
        kinds["charge"] = 12
    if is_lossy(loan):
        kinds["write_off"] = 12
    if loan.books.position.status is LoanStatus.WRITTEN_OFF:
        kinds |= {"recover": 40, "reverse": 25}
    if loan.owed_to_borrower_paise > 0:
        kinds["refund"] = 30
    return kinds


def is_lossy(loan: SimulatedLoan) -> bool:
    """Whether the loan is of the lives in which much is written off, soon, and then recovered."""
    return loan.contract.amount_paise % LIVES_BETWEEN_LOSSES == 1


def _numbers(loan: SimulatedLoan, kind: str) -> list[int]:
    """The numbers of what an action of this kind may take back."""
    books = loan.books
    return {
        "undo": [change.number for change in books.changes],
        "reverse": [order.payment_id for order in books.payments],
        "take_charge_back": [charge.number for charge in books.charges],
        "waive_charge": [charge.number for charge in books.charges],
    }.get(kind, [])


def _draw_second(rng: Random, kind: str, loan: SimulatedLoan, number: int) -> int:
    """Whether a payment was entered by mistake (1), or how much of a charge is waived; else 0."""
    if kind == "reverse":
        return rng.choice([0, 0, 1])
    if kind == "waive_charge":
        total = next(charge.charged.total_paise for charge in loan.books.charges if charge.number == number)
        return rng.choice([total, total, total // 2, 1])
    return 0


def _draw_waiver(rng: Random, interest: int, charges: int) -> tuple[int, int]:
    return rng.choice([(interest, charges), (interest, 0), (0, charges), (max(interest - 1, 0), charges)])


def _draw_day(rng: Random, loan: SimulatedLoan) -> int:
    """The day of the next action: today, a day soon, or the day before, of or after the next event of the loan."""
    now = loan.day
    event = loan.books.position.next_event_on or loan.today
    to_event = (event - loan.today).days
    terms = loan.contract.agreed
    if rng.random() < LONG_WAIT_SHARE and (terms.frequency is not Frequency.DAY or terms.every >= LEAST_DAYS_APART):
        return now + rng.randrange(50, 200)
    return now + max(rng.choice([0, 1, rng.randrange(1, 50), to_event, to_event + 1, to_event - 1]), 0)


def _draw_amount(rng: Random, position: Position, *, on: date) -> int:
    """An amount that is a figure of the loan, or close to one."""
    due = next_due(position)
    owed = due.amount_paise if due else next_instalment_paise(position, on=on)
    whole = payoff(position, on=on).total_paise if position.status is LoanStatus.ACTIVE else 1
    minimum = due.minimum_paise if due else 1
    open_bills = sum(bill.unpaid_paise for bill in position.open_bills)
    amount = rng.choice(
        [owed, owed, owed, owed // 2, owed * 2, 1, whole, whole // 2, whole - rng.randrange(1, 100), minimum,
         open_bills, open_bills + whole // 3, whole + 250_50, (owed + 50) // 100 * 100, (whole + 50) // 100 * 100,
         owed + 12_34, whole * 95 // 100, rng.randrange(1, max(whole, 2))]
    )  # fmt: skip
    return max(amount, 1)


def _draw_instalment(rng: Random, position: Position) -> int:
    """The instalment that a payment names: mostly none, else mostly the next one."""
    if rng.random() < 0.7:
        return 0
    due = next_due(position)
    following = position.next_cycle if due is None else due.instalment
    return max(following + rng.choice([0, 0, 0, 0, 1, -1, len(position.plan.due_on) + 1]), 1)


def _draw_treat_as(rng: Random) -> TreatAs:
    choices: list[TreatAs] = [TreatAs.INSTALMENT, TreatAs.INSTALMENT, *TreatAs]
    return rng.choice(choices)

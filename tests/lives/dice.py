"""What happens to a loan next, by chance: mostly time passes and money comes, in amounts that mean something to it."""

from datetime import date
from random import Random

from app.domain.billing.bills_to_come import next_instalment_paise
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import TreatAs, next_due, payoff
from tests.lives.life import Deed, Life


def draw_deed(rng: Random, life: Life) -> Deed:
    """What happens next, and when. Mostly time passes and money comes."""
    position = life.books.position
    day = _draw_day(rng, life)
    if day:
        # What is owed on that day is known when it comes: the days go by first.
        life.do(Deed(day, "wait"))
        position = life.books.position
    now = life.day
    what = rng.choices(
        ["pay", "wait", "backdate", "reverse", "waive", "forget", "write_off"], weights=[50, 20, 10, 8, 8, 4, 0.5]
    )[0]
    match what:
        case "pay":
            return Deed(now, what, _draw_amount(rng, position, on=life.today), 0, _draw_wish(rng))
        case "backdate":
            back = min(rng.choice([1, 2, 14, 15, 16, 31, rng.randrange(1, 150)]), now)
            return Deed(now, "pay", _draw_amount(rng, position, on=life.today), back, _draw_wish(rng))
        case "reverse" if life.books.payments:
            return Deed(now, what, rng.choice(life.books.payments).payment_id)
        case "waive":
            share = rng.choice([1, 1, 2, 3])
            interest = max(position.interest_paise, sum(bill.unpaid_interest_paise for bill in position.open_bills))
            return Deed(now, what, *_draw_waiver(rng, interest // share, position.charges_paise // share))
        case "write_off" if now > 60:
            return Deed(now, what)
        case "forget":
            return Deed(now, what)
    return Deed(now, "wait")


def _draw_waiver(rng: Random, interest: int, charges: int) -> tuple[int, int]:
    return rng.choice([(interest, charges), (interest, 0), (0, charges), (max(interest - 1, 0), charges)])


def _draw_day(rng: Random, life: Life) -> int:
    """The day of the next deed: the same, one soon, or just before, on or after the next date of the loan."""
    now = life.day
    event = life.books.position.next_event_on or life.today
    to_event = (event - life.today).days
    return now + max(rng.choice([0, 1, rng.randrange(1, 50), to_event, to_event + 1, to_event - 1]), 0)


def _draw_amount(rng: Random, position: Position, *, on: date) -> int:
    """An amount that means something to the loan, or is close to one that does."""
    due = next_due(position)
    owed = due.amount_paise if due else next_instalment_paise(position, on=on)
    whole = payoff(position, on=on).total_paise if position.status is LoanStatus.ACTIVE else 1
    minimum = due.minimum_paise if due else 1
    open_bills = sum(bill.unpaid_paise for bill in position.open_bills)
    amount = rng.choice(
        [owed, owed, owed, owed // 2, owed * 2, 1, whole, whole // 2, whole - rng.randrange(1, 100), minimum,
         open_bills, open_bills + whole // 3, owed + 12_34, whole * 95 // 100, rng.randrange(1, max(whole, 2))]
    )  # fmt: skip
    return max(amount, 1)


def _draw_wish(rng: Random) -> TreatAs:
    wishes: list[TreatAs] = [TreatAs.INSTALMENT, TreatAs.INSTALMENT, *TreatAs]
    return rng.choice(wishes)

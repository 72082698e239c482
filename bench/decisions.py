"""Benchmarks of the domain alone, without servers, on one core.

A bound in microseconds breaks on a slow machine and says nothing on a fast one. So the bounds are in steps of a plain
Python loop that is timed in the same rounds.
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from app.domain.billing.cycles import bring_up, catch_up
from app.domain.lending.due_rules import schedule_terms
from app.domain.lending.loans import disburse
from app.domain.lending.positions import Plan, Position
from app.domain.money import Rounding, RoundingMode
from app.domain.offers.quotes import quote
from app.domain.payments.allocation import decide_payment
from app.domain.payments.payments import PaymentOrder
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.schedules.building import build_schedule
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import MAX_INSTALMENTS, Disbursal, ScheduleTerms
from bench.report import Figure

#: The business date only moves forward, so the book begins on a day in the far future.
BEGAN = date(2100, 1, 1)
#: The time for one figure.
SECONDS = 0.4
ROUNDS = 5
#: As many positions as a worker reads at a time.
POSITIONS = 1_000
BILLING_ROUNDS = 100
DISBURSALS = 40
#: Steps of the loop that is timed beside the decisions, and how many of them a decision and the largest quote may take.
STEPS = 20_000
DECISION_STEPS, QUOTE_STEPS = 250, 5_500_000


def measure_decisions() -> Iterator[Figure]:
    """Microseconds for each decision, the best of five rounds."""
    loan = make_position(CREDIT_CARD_LOAN, amount_paise=50_000_00, rate="10.5", instalments=12)
    due = BEGAN + timedelta(days=30)
    billed = catch_up(loan, through=due).decision.position
    order = PaymentOrder(
        payment_id=1, amount_paise=billed.emi_paise, value_date=due, booked_on=due, reference="benchmark"
    )
    flat = _terms(PERSONAL_LOAN, amount_paise=500_000_00, rate="8.8", instalments=24)
    level = _terms(STANDARD_LOAN, amount_paise=200_000_00, rate="8.5", instalments=24)
    daily = _terms(CREDIT_CARD_LOAN, amount_paise=50_000_00, rate="10.5", instalments=24)
    yield from _billing_decisions()
    yield _microseconds("decide_payment, one bill", lambda: decide_payment(billed, order), "CREDIT_CARD_LOAN")
    yield _microseconds("schedule of 24 rows, equal instalments", lambda: build_schedule(level), "STANDARD_LOAN")
    yield _microseconds("schedule of 24 rows, daily interest", lambda: build_schedule(daily), "CREDIT_CARD_LOAN")
    yield _microseconds("schedule of 24 rows, flat", lambda: build_schedule(flat), "PERSONAL_LOAN")
    yield from _largest_quote()


def _largest_quote() -> Iterator[Figure]:
    """A hundred years of monthly instalments, with forty disbursals in the middle of periods. After each disbursal the
    instalment is computed again."""
    terms = ScheduleTerms(
        amount_paise=DISBURSALS * 25_000_00,
        annual_rate_percent=Decimal(12),
        instalments=MAX_INSTALMENTS,
        disbursed_on=BEGAN,
        disbursals=tuple(
            Disbursal(on=BEGAN + timedelta(days=45 * part), amount_paise=25_000_00) for part in range(DISBURSALS)
        ),
    )
    by_days = replace(terms, interest_basis=InterestBasis.DAYS)
    made = {
        "schedule": lambda: build_schedule(terms),
        "schedule by days": lambda: build_schedule(by_days),
        "quote": lambda: quote(terms),
        "quote by days, rounded up,": lambda: quote(replace(by_days, emi_rounding=Rounding(mode=RoundingMode.UP))),
    }
    for what, run in made.items():
        rounds = [(_timed(run, 1), _seconds_of_step()) for _ in range(ROUNDS)]
        seconds, step = (min(column) for column in zip(*rounds, strict=True))
        name = f"{what} of 1,200 rows with 40 disbursals"
        yield Figure(name=name, value=seconds * 1_000, unit="ms")
        yield _in_steps(name, seconds / step, bound=QUOTE_STEPS)


def _billing_decisions() -> list[Figure]:
    """What a run does with a loan after reading it. It changes the position in place."""
    kinds = {
        "daily": (CREDIT_CARD_LOAN, "10.5"),
        "monthly": (STANDARD_LOAN, "8.5"),
        "flat": (PERSONAL_LOAN, "8.8"),
    }
    loans = {kind: _read_by_run(product, rate) for kind, (product, rate) in kinds.items()}
    # The kinds take turns, so that a slow moment of the machine does not hit only one of them.
    rounds, steps = [], []
    for _ in range(BILLING_ROUNDS):
        rounds.append({kind: _round_of_billing(loan) for kind, loan in loans.items()})
        steps.append(_seconds_of_step())
    figures = []
    for kind, (product, _) in kinds.items():
        name, seconds = f"billing decision, {kind} interest", min(found[kind] for found in rounds)
        figures.append(Figure(name=name, value=seconds * 1e6, unit="us", note=product.code))
        figures.append(_in_steps(name, seconds / min(steps), bound=DECISION_STEPS))
    return figures


def _seconds_of_step() -> float:
    """The time of one step of a loop that does a little of what our arithmetic does: a product, a rest, a sum."""
    total = 0
    began = time.process_time()
    for number in range(STEPS):
        total += number * number % 97
    seconds = time.process_time() - began
    assert total > 0, "the loop has run"
    return seconds / STEPS


def _in_steps(name: str, steps: float, *, bound: int) -> Figure:
    note = "a step is a product, a rest and a sum in a loop"
    return Figure(name=f"{name}: in steps", value=steps, unit="steps", note=note, bound=f"at most {bound:,}")


def _read_by_run(product: Product, rate: str) -> Position:
    """A run reads the instalment to bill and the date of the next one, and no more of the plan."""
    loan = make_position(product, amount_paise=50_000_00, rate=rate, instalments=12)
    due_on, principal_paise, interest_paise = loan.plan
    loan.plan = Plan(due_on[:2], principal_paise[:2], interest_paise[:2])
    return loan


def _round_of_billing(loan: Position) -> float:
    through = loan.next_billing_on
    assert through is not None
    fresh = [loan.copy() for _ in range(POSITIONS)]
    # Without garbage collection, as in a run and in `timeit`.
    gc.disable()
    began = time.process_time()
    for position in fresh:
        bring_up(position, through=through)
    seconds = time.process_time() - began
    gc.enable()
    return seconds / POSITIONS


def make_position(product: Product, *, amount_paise: int, rate: str, instalments: int) -> Position:
    """A loan on its first day."""
    made = disburse(
        product.repayment,
        customer_id=1,
        loan_id=1,
        amount_paise=amount_paise,
        annual_rate_percent=Decimal(rate),
        instalments=instalments,
        disbursed_on=BEGAN,
    )
    return made.position


def _terms(product: Product, *, amount_paise: int, rate: str, instalments: int) -> ScheduleTerms:
    return schedule_terms(
        product.repayment,
        amount_paise=amount_paise,
        annual_rate_percent=Decimal(rate),
        instalments=instalments,
        disbursed_on=BEGAN,
    )


def _microseconds(name: str, run: Callable[[], object], note: str) -> Figure:
    began, count = time.process_time(), 0
    while time.process_time() - began < SECONDS / ROUNDS:
        run()
        count += 1
    best = min(_timed(run, count) for _ in range(ROUNDS))
    return Figure(name=name, value=best * 1_000_000, unit="us", note=note)


def _timed(run: Callable[[], object], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        run()
    return (time.process_time() - began) / count

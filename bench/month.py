"""A real month: a book of three products in its fifth month, after four months of payments, against its first month.

A few loans of each product live through the months by the same runs and payments as any loan, and the database copies
their rows for the others. Of twenty loans twelve pay each bill in full, four pay its minimum due, three pay nothing,
and one pays in full and prepays. So the run of the fifth month closes cycles with something unpaid, makes new plans
and issues bills with past dues.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import text

from app.domain.lending.positions import Decision
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.payments.calls import PaymentRequest
from app.services.payments.payments import take_payment
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from bench.billing import bill_all
from bench.decisions import BEGAN
from bench.loading import copy_loans, make_loan, replicate_loans
from bench.report import Report, alternate, ratio_figures
from bench.templates import Templates

PRODUCTS = ((CREDIT_CARD_LOAN, "10.5"), (STANDARD_LOAN, "12"), (PERSONAL_LOAN, "8.8"))
IN_FULL, MINIMUM, AHEAD = "total_due_paise", "minimum_due_paise", "ahead"
#: What the loans of each twenty pay of a bill.
PAYERS = (IN_FULL,) * 12 + (MINIMUM,) * 4 + (None,) * 3 + (AHEAD,)
PATTERNS = len(PRODUCTS) * len(PAYERS)
PREPAID_PAISE = 2_000_00
MONTHS = 5
LATEST_BILL = (
    "SELECT total_due_paise, minimum_due_paise FROM bills WHERE customer_id = :loan ORDER BY cycle DESC LIMIT 1"
)


def measure_month(settings: Settings, report: Report, *, loans: int, rounds: int) -> None:
    """Bills of the fifth month a second, against those of the first month of the same book, by one worker."""
    templates = Templates(settings)
    count = max(loans // PATTERNS, 1) * PATTERNS
    for month in (1, MONTHS):
        templates.make(_template(month), partial(_load, count=count, month=month))
    name = "billing run, fifth month"
    with report.trying(name):
        first, fifth = (_rate_of(templates, month, count) for month in (1, MONTHS))
        pairs = alternate(rounds, fifth, first)
        note = f"{count:,} loans of three products, one worker"
        report.add(ratio_figures(name, pairs, unit="loans/s", peer="first month", note=note, bound="at least 0.5"))


def _rate_of(templates: Templates, month: int, count: int) -> Callable[[], float]:
    return lambda: templates.rate_of_run(_template(month), bills=count, workers=1)


def _template(month: int) -> str:
    return f"book_in_month_{month}"


async def _load(uow_factory: UnitOfWorkFactory, *, count: int, month: int) -> None:
    """A book on the day on which the bills of a month are due, none of which is issued."""
    async with uow_factory.open(SYSTEM) as uow:
        # COPY needs a transaction, which the first statement begins.
        await uow.business_date()
        await copy_loans(uow, [_make_loan(number) for number in range(1, PATTERNS + 1)])
    for earlier in range(1, month):
        await _live(uow_factory, month=earlier)
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(_fifth_of(month))
        await replicate_loans(uow, first=PATTERNS + 1, last=count, patterns=PATTERNS)


def _fifth_of(month: int) -> date:
    """A day by which loans of each product have exactly so many bills due."""
    return BEGAN.replace(month=1 + month, day=5)


def _make_loan(number: int) -> tuple[Product, Decision]:
    product, rate = PRODUCTS[number % len(PRODUCTS)]
    return product, make_loan(number, product, amount_paise=40_000_00 + 500_00 * number, rate=rate)


async def _live(uow_factory: UnitOfWorkFactory, *, month: int) -> None:
    """Bills the patterns for a month, and takes what each pays."""
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(_fifth_of(month))
    await bill_all(uow_factory)
    for number in range(1, PATTERNS + 1):
        payer = PAYERS[(number - 1) // len(PRODUCTS)]
        if payer is None:
            continue
        async with uow_factory.open(SYSTEM) as uow:
            bill = (await uow.session.execute(text(LATEST_BILL), {"loan": number})).mappings().one()
            loan = LoanReference(number=number, year=None)
            due = bill[MINIMUM if payer == MINIMUM else IN_FULL]
            await take_payment(uow, PaymentRequest(loan=loan, amount_paise=due, reference=f"{month}"))
            if payer == AHEAD:
                ahead = PaymentRequest(
                    loan=loan, amount_paise=PREPAID_PAISE, treat_as=TreatAs.PREPAYMENT, reference=f"{month} ahead"
                )
                await take_payment(uow, ahead)

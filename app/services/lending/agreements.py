"""What a new loan agrees on beside the terms of its product."""

from datetime import date
from decimal import Decimal

from app.domain.lending.agreements import Agreement, agree
from app.domain.products.products import Product, Rhythm
from app.services.products import calendars
from app.services.unit_of_work import UnitOfWork


async def agree_on(
    uow: UnitOfWork,
    product: Product,
    *,
    annual_rate_percent: Decimal | None,
    first_due_on: date | None = None,
    rhythm: Rhythm | None = None,
    chosen: Agreement | None = None,
) -> Agreement | None:
    """What a loan that is made today agrees on beside the terms of its product.

    That is what the applicant chose (or `chosen` before), the holidays that are known, and the spread over a benchmark
    (none without a rate). Raises FirstDueOutsideBounds, RhythmNotOffered, BenchmarkUnknown.
    """
    if chosen is not None:
        first_due_on, rhythm = chosen.first_due_on, chosen.rhythm
    today, terms = await uow.business_date(), product.repayment
    spread = None
    if terms.benchmark is not None and annual_rate_percent is not None:
        spread = annual_rate_percent - await calendars.get_benchmark(uow, terms.benchmark, on=today)
    return agree(
        product.offer,
        terms,
        disbursed_on=today,
        first_due_on=first_due_on,
        rhythm=rhythm,
        holidays=await calendars.known_holidays(uow, terms.holiday_calendar, after=today),
        spread_percent=spread,
    )

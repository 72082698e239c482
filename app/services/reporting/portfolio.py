"""The portfolio, for staff: what is owed, lent, collected and late, how customers score, and the last billing runs.

Its sums read whole tables, so each process caches them for some seconds. The answer says when they were read.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.db.errors import was_canceled
from app.db.repositories.billing import runs as run_repository
from app.db.repositories.billing.runs import RunProgress
from app.db.repositories.lending.external_loans import count_external_loans
from app.db.repositories.reporting import portfolio as repository
from app.db.repositories.reporting.portfolio import AgeSums, ProductSums
from app.domain.errors import Rejected
from app.domain.people.access import Forbidden
from app.domain.reporting.portfolio import Band, age_bounds, age_names, last_months, score_bands
from app.domain.rulebook.in_force import RULEBOOK
from app.services.unit_of_work import UnitOfWork

GOOD_FOR_SECONDS: Final = 15.0
#: The whole book is read. Where that takes seconds, the database has twenty times as long for other things.
SPARED: Final = 20.0
TRIED_AGAIN_SECONDS: Final = 3_600.0
TOO_LARGE: Final = "the figures of the whole book take longer than a statement may"
LAST_RUNS: Final = 6
NEWEST: Final = 2**62


class PortfolioTooLarge(Rejected):
    """The book is too large to be added up for a page. Use the trial balance and the risk page, which are of a day."""

    code = "portfolio_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month, by its first day, with what was lent and collected in it. Money in paise."""

    month: date
    disbursed_paise: int
    collected_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A class of loans by days past due: how many, their principal, and how much is overdue. Money in paise."""

    name: str
    loans: int
    principal_paise: int
    overdue_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """The portfolio on a business date, read at an instant. Only `external_loans` counts loans of other lenders, which
    were imported from files."""

    on: date
    at: datetime
    products: Sequence[ProductSums]
    external_loans: int
    months: Sequence[Month]
    ages: Sequence[Age]
    scores: Mapping[str, Sequence[Band]]
    runs: Sequence[RunProgress]

    @property
    def loans(self) -> int:
        return sum(product.loans for product in self.products)

    @property
    def principal_paise(self) -> int:
        return sum(product.principal_paise for product in self.products)

    @property
    def overdue_paise(self) -> int:
        return sum(age.overdue_paise for age in self.ages)

    @property
    def late_loans(self) -> int:
        return sum(age.loans for age in self.ages[1:])


@dataclass(slots=True, kw_only=True)
class PortfolioCache:
    """The portfolio that a process read last, until when it is good, and until when a book that is too large is not
    tried again (by the process's monotonic clock)."""

    portfolio: Portfolio | None = None
    good_until: float = 0.0
    too_large_until: float = 0.0


async def view_portfolio(uow: UnitOfWork, *, cache: PortfolioCache | None = None) -> Portfolio:
    """The portfolio on the business date, at most `GOOD_FOR_SECONDS` old, or `SPARED` times as long as it took to read.
    Raises Forbidden, and PortfolioTooLarge; then the transaction is over."""
    if not uow.actor.is_staff:
        raise Forbidden("only staff may read the portfolio")
    on = await uow.business_date()
    kept = None if cache is None else cache.portfolio
    fresh = cache is not None and time.monotonic() < cache.good_until
    if kept is not None and kept.on == on and fresh:
        return kept
    if cache is not None and time.monotonic() < cache.too_large_until:
        raise PortfolioTooLarge(TOO_LARGE)
    began = time.monotonic()
    try:
        portfolio = await _read(uow, on)
    except Exception as error:
        if not was_canceled(error):
            raise
        if cache is not None:
            cache.too_large_until = time.monotonic() + TRIED_AGAIN_SECONDS
        raise PortfolioTooLarge(TOO_LARGE) from error
    if cache is not None:
        took = time.monotonic() - began
        cache.portfolio, cache.good_until = portfolio, began + took + max(GOOD_FOR_SECONDS, SPARED * took)
    return portfolio


async def _read(uow: UnitOfWork, on: date) -> Portfolio:
    months = last_months(on)
    disbursed = dict(await repository.sum_disbursed(uow.session, since=months[0], until=on))
    collected = dict(await repository.sum_collected(uow.session, since=months[0], until=on))
    bounds = age_bounds(RULEBOOK, on=on, lender=uow.lender)
    ages = {age.age: age for age in await repository.sum_ages(uow.session, on=on, bounds=bounds)}
    scores: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for count in await repository.count_scores(uow.session):
        scores[count.scorecard].append((count.low, count.customers))
    return Portfolio(
        on=on,
        at=uow.now,
        products=await repository.sum_products(uow.session),
        external_loans=await count_external_loans(uow.session),
        months=[
            Month(month=month, disbursed_paise=disbursed.get(month, 0), collected_paise=collected.get(month, 0))
            for month in months
        ],
        ages=[_age(name, ages.get(number)) for number, name in enumerate(age_names(bounds))],
        scores={card: score_bands(card, counts) for card, counts in scores.items()},
        runs=await run_repository.list_runs(uow.session, before=NEWEST, limit=LAST_RUNS),
    )


def _age(name: str, sums: AgeSums | None) -> Age:
    if sums is None:
        return Age(name=name, loans=0, principal_paise=0, overdue_paise=0)
    return Age(name=name, loans=sums.loans, principal_paise=sums.principal_paise, overdue_paise=sums.overdue_paise)

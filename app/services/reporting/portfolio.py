"""The portfolio, for staff: what is owed, lent, collected and late, how customers score, and the last billing runs.

Its sums read whole tables, so each process caches them for some seconds. The answer says when they were read.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from app.db.repositories.billing import runs as run_repository
from app.db.repositories.billing.runs import RunProgress
from app.db.repositories.lending.external_loans import count_external_loans
from app.db.repositories.reporting import portfolio as repository
from app.db.repositories.reporting.portfolio import AgeSums, ProductSums
from app.domain.people.access import Forbidden
from app.domain.reporting.portfolio import Band, age_bounds, age_names, last_months, score_bands
from app.domain.rulebook.in_force import RULEBOOK
from app.services.unit_of_work import UnitOfWork

GOOD_FOR_SECONDS: Final = 15.0
LAST_RUNS: Final = 6
NEWEST: Final = 2**62


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
    """The portfolio that a process read last, and when (by the process's monotonic clock)."""

    portfolio: Portfolio | None = None
    made_at: float = field(default=0.0)


async def view_portfolio(uow: UnitOfWork, *, cache: PortfolioCache | None = None) -> Portfolio:
    """The portfolio on the business date, at most `GOOD_FOR_SECONDS` old. Raises Forbidden."""
    if not uow.actor.is_staff:
        raise Forbidden("only staff may read the portfolio")
    on = await uow.business_date()
    kept = None if cache is None else cache.portfolio
    fresh = cache is not None and time.monotonic() - cache.made_at < GOOD_FOR_SECONDS
    if kept is not None and kept.on == on and fresh:
        return kept
    portfolio = await _read(uow, on)
    if cache is not None:
        cache.portfolio, cache.made_at = portfolio, time.monotonic()
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

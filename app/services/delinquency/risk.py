"""Provisions, portfolio at risk, vintages and roll rates, as of any day, for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.db.repositories.delinquency import day_ends as day_end_repository
from app.db.repositories.delinquency import risk as repository
from app.domain.calendar import add_months
from app.domain.delinquency.classes import NON_PERFORMING, AssetClass
from app.domain.delinquency.provisions import ProvisionLine, provision_lines
from app.domain.delinquency.risk import RiskLine, Roll, Vintage, portfolio_at_risk, roll_rates, vintages
from app.domain.errors import Invalid
from app.domain.people.access import Forbidden
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import ProductKind
from app.services.delinquency.borrowers import class_rules
from app.services.unit_of_work import UnitOfWork

_ORDER = [each.value for each in AssetClass]


class ReportDayInFuture(Invalid):
    """The day of the report has not come. Name the business date or an earlier day."""

    code = "report_day_in_future"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReport:
    """The book of a day. `judged_through` is the latest day-end whose classes are judged; None before the first."""

    on: date
    judged_through: date | None
    provisions: Sequence[ProvisionLine]
    at_risk: Sequence[RiskLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollReport:
    """How loans moved between two day-ends."""

    on: date
    until: date
    rolls: Sequence[Roll]


async def view_book(uow: UnitOfWork, *, on: date | None = None) -> RiskReport:
    """Provisions and portfolio at risk of a day-end, by default the latest that is judged.

    Raises Forbidden, ReportDayInFuture, RuleNotInForce.
    """
    judged = await day_end_repository.find_judged_through(uow.session)
    day = await _day(uow, on, judged)
    limits = class_rules(uow.lender).limits(day, kind=ProductKind.LOAN)
    bounds = [days for days, _ in limits.days]
    book = await repository.sum_book(uow.session, on=day, bounds=bounds)
    return RiskReport(
        on=day,
        judged_through=judged,
        provisions=provision_lines(book, RULEBOOK, on=day, lender=uow.lender),
        at_risk=portfolio_at_risk(book, bounds=bounds),
    )


async def view_vintages(uow: UnitOfWork, *, on: date | None = None, worst: AssetClass | None = None) -> list[Vintage]:
    """The vintages through a day-end: what had come into `worst` or a worse class, by default non-performing.

    Raises Forbidden, ReportDayInFuture.
    """
    day = await _day(uow, on, await day_end_repository.find_judged_through(uow.session))
    order = list(AssetClass)
    classes = [each for each in order if each in NON_PERFORMING] if worst is None else order[order.index(worst) :]
    return vintages(await repository.count_vintages(uow.session, on=day, classes=classes), on=day)


async def view_rolls(uow: UnitOfWork, *, until: date | None = None) -> RollReport:
    """How loans moved between the end of the month before a day and that day, by default the latest judged day-end.

    Raises Forbidden, ReportDayInFuture.
    """
    day = await _day(uow, until, await day_end_repository.find_judged_through(uow.session))
    following = day + timedelta(days=1)
    # A month-end is compared with the month-end before it.
    first = add_months(following, -1) if following.day == 1 else day.replace(day=1)
    before = first - timedelta(days=1)
    rolls = await repository.sum_rolls(uow.session, on=before, until=day)
    ordered = sorted(rolls, key=lambda roll: (_place(roll.before), _place(roll.after)))
    return RollReport(on=before, until=day, rolls=roll_rates(ordered))


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


async def _day(uow: UnitOfWork, on: date | None, judged: date | None) -> date:
    if not uow.actor.is_staff:
        raise Forbidden("only staff may read reports of the book")
    today = await uow.business_date()
    day = on or judged or today
    if day > today:
        raise ReportDayInFuture(f"the business date is {today}", field="on")
    return day

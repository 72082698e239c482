"""The rules of a day for a lender of our kind, and every product version and open loan that breaks one.

The check reads each product version once, and the open loans as counts by version and day of disbursal: a loan is
judged by the terms that it was made under.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db.repositories.products import products as product_repository
from app.db.repositories.products import versions as version_repository
from app.db.repositories.products.versions import ProductVersion
from app.domain.products.lawfulness import Breach, breaches
from app.domain.products.products import Product
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rulebook import Change
from app.domain.rulebook.rules import RuleRow
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesOfDay:
    """The rows that are in force for our kind of lender on a day, and what changes afterwards."""

    on: date
    lender: LenderKind
    rows: Sequence[RuleRow]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A product version that breaks a rule: as an offer, as one that was replaced, or on open loans.

    `loans` counts the open loans of a day of disbursal, `first_loan` is the number of one of them.
    """

    product: str
    version: int
    breach: Breach
    is_offered: bool
    loans: int = 0
    first_loan: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChecked:
    """The result of a check: how many product versions and open loans were judged, and what breaks a rule."""

    on: date
    versions: int
    loans: int
    broken: Sequence[BrokenRule]


async def view_rules(uow: UnitOfWork, *, on: date | None = None) -> RulesOfDay:
    """The rules of a day, by default the business date."""
    day = on or await uow.business_date()
    return RulesOfDay(
        on=day,
        lender=uow.lender,
        rows=RULEBOOK.in_force(day, lender=uow.lender),
        changes=RULEBOOK.changes_after(day, lender=uow.lender),
    )


async def check_rules(uow: UnitOfWork, *, on: date | None = None) -> RulesChecked:
    """Judges every product version and every open loan by the rules of a day, by default the business date.

    A version that is offered later is judged by the rules of its first day.
    """
    day = on or await uow.business_date()
    versions = await version_repository.list_versions(uow.session, on=day)
    open_loans = await version_repository.count_open_loans(uow.session)
    broken: list[BrokenRule] = []
    for version in versions:
        product = await product_repository.get_product(uow.session, version.code, version.version)
        broken += _judge(product, version, lender=uow.lender, on=max(day, version.offered_from))
    for group in open_loans:
        product = await product_repository.get_product(uow.session, group.code, group.version)
        found = breaches(product, RULEBOOK, on=day, lender=uow.lender, sanctioned_on=group.disbursed_on)
        broken += [_broken(product, breach, loans=group.loans, first_loan=group.first_loan) for breach in found]
    return RulesChecked(
        on=day, versions=len(versions), loans=sum(group.loans for group in open_loans), broken=tuple(broken)
    )


def _judge(product: Product, version: ProductVersion, *, lender: LenderKind, on: date) -> list[BrokenRule]:
    found = breaches(product, RULEBOOK, on=on, lender=lender)
    return [_broken(product, breach, is_offered=version.is_offered) for breach in found]


def _broken(
    product: Product, breach: Breach, *, is_offered: bool = False, loans: int = 0, first_loan: int | None = None
) -> BrokenRule:
    return BrokenRule(
        product=product.code,
        version=product.version,
        breach=breach,
        is_offered=is_offered,
        loans=loans,
        first_loan=first_loan,
    )

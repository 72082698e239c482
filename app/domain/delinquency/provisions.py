"""Provisions: what is set aside for the loans of each class, at the rates of the rulebook for the day.

The base is what is on the books net of suspense: principal, and billed interest that is not in suspense. A product is
wholly secured or not at all. SMA classes are standard assets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.delinquency.classes import AssetClass
from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.rulebook.kinds import LenderKind
from app.domain.rulebook.rulebook import Rulebook
from app.domain.rulebook.rules import Rule

#: The rule of each class: for a secured asset, and for one that is not.
_RATES: Final = {
    AssetClass.SUB_STANDARD: (Rule.PROVISION_SUB_STANDARD_PERCENT, Rule.PROVISION_SUB_STANDARD_UNSECURED_PERCENT),
    AssetClass.DOUBTFUL_1: (Rule.PROVISION_DOUBTFUL_1_PERCENT, Rule.PROVISION_DOUBTFUL_UNSECURED_PERCENT),
    AssetClass.DOUBTFUL_2: (Rule.PROVISION_DOUBTFUL_2_PERCENT, Rule.PROVISION_DOUBTFUL_UNSECURED_PERCENT),
    AssetClass.DOUBTFUL_3: (Rule.PROVISION_DOUBTFUL_3_PERCENT, Rule.PROVISION_DOUBTFUL_UNSECURED_PERCENT),
    AssetClass.LOSS: (Rule.PROVISION_LOSS_PERCENT, Rule.PROVISION_LOSS_PERCENT),
}
_STANDARD: Final = (Rule.PROVISION_STANDARD_PERCENT, Rule.PROVISION_STANDARD_PERCENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """The loans of a class on a day, secured or not. Money in paise; `age` is the class of days past due, or 0."""

    asset_class: AssetClass
    is_secured: bool
    age: int
    loans: int
    principal_paise: int
    interest_paise: int
    suspended_paise: int

    @property
    def net_paise(self) -> int:
        """What is on the books net of suspense."""
        return self.principal_paise + self.interest_paise - self.suspended_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionLine:
    """The provision on the loans of a class, secured or not, with the rule that gives the rate. Money in paise."""

    asset_class: AssetClass
    is_secured: bool
    loans: int
    principal_paise: int
    interest_paise: int
    suspended_paise: int
    net_paise: int
    rate_percent: Decimal
    rule: Rule
    reference: str
    provision_paise: int


def provision_lines(
    book: Iterable[BookLine], rulebook: Rulebook, *, on: date, lender: LenderKind
) -> list[ProvisionLine]:
    """The provisions of a day, from the best class to the worst. Raises RuleNotInForce."""
    sums: dict[tuple[AssetClass, bool], list[BookLine]] = {}
    for line in book:
        sums.setdefault((line.asset_class, line.is_secured), []).append(line)
    order = list(AssetClass)
    found = []
    for asset_class, is_secured in sorted(sums, key=lambda place: (order.index(place[0]), place[1])):
        lines = sums[asset_class, is_secured]
        secured, unsecured = _RATES.get(asset_class, _STANDARD)
        row = rulebook.find(secured if is_secured else unsecured, on=on, lender=lender)
        net = sum(line.net_paise for line in lines)
        numerator, denominator = percent_ratio(row.percent)
        found.append(
            ProvisionLine(
                asset_class=asset_class,
                is_secured=is_secured,
                loans=sum(line.loans for line in lines),
                principal_paise=sum(line.principal_paise for line in lines),
                interest_paise=sum(line.interest_paise for line in lines),
                suspended_paise=sum(line.suspended_paise for line in lines),
                net_paise=net,
                rate_percent=row.percent,
                rule=row.rule,
                reference=row.source.reference,
                provision_paise=round_ratio(net * numerator, denominator, mode=RoundingMode.HALF_UP),
            )
        )
    return found

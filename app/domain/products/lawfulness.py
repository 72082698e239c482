"""Whether the terms of a product break a rule that is in force.

A product version is judged by the rules of the first day on which it is offered. An open loan is judged by the rules of
the day of its disbursal, or of the present day, as each rule says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.errors import Rejected
from app.domain.products.products import Product, RepaymentTerms
from app.domain.rulebook.kinds import LenderKind, ProductKind
from app.domain.rulebook.rulebook import Rulebook
from app.domain.rulebook.rules import Counted, Rule, RuleRow
from app.domain.schedules.terms import Amortisation, OddFirstPeriod


class ProductBreaksRule(Rejected):
    """The terms break a rule that is in force on the first day of the offer. Change the term that `field` names, or
    offer the version when the rule allows it; `figures.rule` and `figures.reference` name the rule."""

    code = "product_breaks_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that terms break: its row, the term at fault, and what the terms say instead, in words."""

    row: RuleRow
    term: str
    found: str


def kind_of(product: Product) -> ProductKind:
    """The kind of a product, for the rulebook: what issues a card is a card."""
    return ProductKind.CARD if product.offer.issues_card else ProductKind.LOAN


def breaches(
    product: Product, rulebook: Rulebook, *, on: date, lender: LenderKind, sanctioned_on: date | None = None
) -> list[Breach]:
    """The rules that a product breaks on a day.

    With `sanctioned_on`, rules that count at the sanction are those of that day: a loan keeps what was lawful then.
    """
    found = []
    for rule, term, judge in _JUDGEMENTS:
        for day, counted in ((sanctioned_on or on, Counted.SANCTION), (on, Counted.EVENT)):
            row = rulebook.find_or_none(rule, on=day, lender=lender, product=kind_of(product))
            if row is not None and row.counted is counted and (said := judge(product.repayment, row)) is not None:
                found.append(Breach(row=row, term=term, found=said))
    return found


def check_lawful(product: Product, rulebook: Rulebook, *, on: date, lender: LenderKind) -> None:
    """Refuses a product version that breaks a rule in force on the first day of its offer. Raises ProductBreaksRule."""
    for breach in breaches(product, rulebook, on=on, lender=lender):
        row = breach.row
        raise ProductBreaksRule(
            f"{row.rule.value}: {row.words}; {breach.term} is {breach.found} ({row.source.reference})",
            field=breach.term,
            rule=row.rule.value,
            reference=row.source.reference,
        )


def _taxed_otherwise(terms: RepaymentTerms, row: RuleRow) -> str | None:
    """The tax on a late charge is the rule's rate."""
    charge = terms.late_charge
    if charge is None or charge.gst_percent == row.percent:
        return None
    return f"{charge.gst_percent} and must be {row.percent}"


def _due_too_early(terms: RepaymentTerms, row: RuleRow) -> str | None:
    """A bill leaves at least so many days to pay it."""
    days = terms.due_after_days
    return None if days >= row.number else f"{days} and must be at least {row.number}"


def _charges_days_before(terms: RepaymentTerms, row: RuleRow) -> str | None:
    """A first period that a due day makes shorter must not be charged as a whole one."""
    odd = terms.odd_first_period
    is_ignored = terms.amortisation is Amortisation.FLAT if odd is None else odd is OddFirstPeriod.IGNORED
    if not row.holds or terms.due_day is None or terms.is_daily or not is_ignored:
        return None
    return "ignored and must be by_days: the due day can make the first period short"


#: What the rules ask of terms: the rule, the term, and what the terms say instead if they break it.
_JUDGEMENTS: Final[Sequence[tuple[Rule, str, Callable[[RepaymentTerms, RuleRow], str | None]]]] = (
    (Rule.INTEREST_FROM_DISBURSAL, "repayment.odd_first_period", _charges_days_before),
    (Rule.PENAL_CHARGE_GST_PERCENT, "repayment.late_charge.gst_percent", _taxed_otherwise),
    (Rule.CARD_GST_PERCENT, "repayment.late_charge.gst_percent", _taxed_otherwise),
    (Rule.CARD_DUE_AFTER_DAYS, "repayment.due_after_days", _due_too_early),
)

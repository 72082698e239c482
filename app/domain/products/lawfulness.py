"""Whether the terms of a product break a rule that is in force.

A product version is judged by the rules of the first day on which it is offered. An open loan is judged by the rules of
the day of its disbursal, or of the present day, as each rule says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.errors import Rejected
from app.domain.money import format_inr
from app.domain.products.products import Product
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
            row = rulebook.find_or_none(
                rule, on=day, lender=lender, product=kind_of(product), borrower=product.offer.borrower
            )
            if row is not None and row.counted is counted and (said := judge(product, row)) is not None:
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


def _taxed_otherwise(product: Product, row: RuleRow) -> str | None:
    """The tax on a late charge is the rule's rate."""
    charge = product.repayment.late_charge
    if charge is None or charge.gst_percent == row.percent:
        return None
    return f"{charge.gst_percent} and must be {row.percent}"


def _due_too_early(product: Product, row: RuleRow) -> str | None:
    """A bill leaves at least so many days to pay it."""
    days = product.repayment.due_after_days
    return None if days >= row.number else f"{days} and must be at least {row.number}"


def _statement_due_too_early(product: Product, row: RuleRow) -> str | None:
    """The statement of a card leaves at least so many days to pay it."""
    if product.card is None:
        return None
    days = product.card.due_after_days
    return None if days >= row.number else f"{days} and must be at least {row.number}"


def _charges_days_before(product: Product, row: RuleRow) -> str | None:
    """A first period that a due day makes shorter must not be charged as a whole one."""
    terms = product.repayment
    odd = terms.odd_first_period
    is_ignored = terms.amortisation is Amortisation.FLAT if odd is None else odd is OddFirstPeriod.IGNORED
    if not row.holds or terms.due_day is None or terms.is_daily or not is_ignored:
        return None
    return "ignored and must be by_days: the due day can make the first period short"


def _charges_prepayment(product: Product, row: RuleRow) -> str | None:
    """A floating loan is prepaid for no more than the rule's share."""
    percent = _highest_prepayment_percent(product)
    return None if percent <= row.percent else f"{percent} and must be at most {row.percent}"


def _charges_small_prepayment(product: Product, row: RuleRow) -> str | None:
    """A floating loan up to an amount is prepaid without a charge."""
    percent, least = _highest_prepayment_percent(product), product.offer.amount_paise[0]
    if percent == 0 or least > row.number:
        return None
    offered = f"loans from {format_inr(least)} on are offered"
    return f"{percent} and must be 0: {offered}, and up to {format_inr(row.number)} are free"


def _highest_prepayment_percent(product: Product) -> Decimal:
    """The highest share that a floating loan of the product charges for a prepayment; 0 for a fixed one."""
    charges = product.repayment.charges
    if product.repayment.benchmark is None or charges is None or charges.prepayment is None:
        return Decimal(0)
    return max(charges.prepayment.part_percent, charges.prepayment.foreclosure_percent)


def _keeps_too_little(product: Product, row: RuleRow) -> str | None:
    """Each of two lenders keeps so much of a loan."""
    together = product.offer.co_lending
    if together is None or row.percent <= together.partner_share_percent <= 100 - row.percent:
        return None
    return f"{together.partner_share_percent}, and each of both must keep at least {row.percent}"


#: What the rules ask of terms: the rule, the term, and what the terms say instead if they break it.
_JUDGEMENTS: Final[Sequence[tuple[Rule, str, Callable[[Product, RuleRow], str | None]]]] = (
    (Rule.INTEREST_FROM_DISBURSAL, "repayment.odd_first_period", _charges_days_before),
    (Rule.PENAL_CHARGE_GST_PERCENT, "repayment.late_charge.gst_percent", _taxed_otherwise),
    (Rule.CARD_GST_PERCENT, "repayment.late_charge.gst_percent", _taxed_otherwise),
    (Rule.CARD_DUE_AFTER_DAYS, "repayment.due_after_days", _due_too_early),
    (Rule.CARD_DUE_AFTER_DAYS, "card.due_after_days", _statement_due_too_early),
    (Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT, "repayment.charges.prepayment", _charges_prepayment),
    (Rule.FLOATING_PREPAYMENT_FREE_UP_TO_PAISE, "repayment.charges.prepayment", _charges_small_prepayment),
    (Rule.CO_LENDING_KEPT_PERCENT, "offer.co_lending.partner_share_percent", _keeps_too_little),
)

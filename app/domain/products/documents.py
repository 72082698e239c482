"""A product as a JSON document, and back, without losing or guessing anything.

The terms of a product are one column of one immutable row. What is read from it decides about money, so reading is
strict: an unknown field, a missing one, a number where text is due or a term that contradicts another is refused by
name and place (`offer.tenure`), never repaired. Rates are written as decimal text, money as whole paise. The shape of
the document is the shape of the dataclasses; a field may be missing only where its dataclass gives a default, which is
how terms can grow without touching the rows already sold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from app.domain.calendar import Frequency, HolidayRule
from app.domain.errors import Invalid
from app.domain.money import MAX_PAISE, RoundingMode
from app.domain.products.card_documents import card_rules
from app.domain.products.card_terms import CardTerms
from app.domain.products.charge_documents import MAX_GRACE_DAYS, charge_rules
from app.domain.products.products import Component, OfferTerms, PaymentPolicy, Product, RepaymentTerms
from app.domain.schedules.terms import MAX_INSTALMENTS, MAX_RATE_PERCENT, Amortisation

_HUNDRED = Decimal(100)
#: A period of grace longer than a year is a mistake.
_MAX_DUE_AFTER_DAYS = 366
#: The longest name of a partner.
_MOST_NAME = 120
#: A longer time to leave a new loan is a mistake.
_MOST_DAYS_TO_LEAVE = 90


class InvalidTerms(Invalid):
    """The document does not describe a product. Correct the term that `field` names."""

    code = "invalid_terms"


def parse_product(code: str, version: int, document: Mapping[str, Any]) -> Product:
    """The product that a row describes. Raises InvalidTerms naming the field."""
    if not isinstance(document, Mapping):
        raise InvalidTerms("terms are an object", field="terms")
    body = _known_keys(document, allowed={"name", "offer", "repayment", "card"}, path="")
    product = Product(
        code=code,
        version=version,
        name=_read(str, body.get("name"), "name"),
        offer=_read(OfferTerms, body.get("offer"), "offer"),
        repayment=_read(RepaymentTerms, body.get("repayment"), "repayment"),
        card=_read(CardTerms | None, body.get("card"), "card"),
    )
    check_product(product)
    return product


def product_document(product: Product) -> dict[str, Any]:
    """The document of a product's row: what `parse_product` reads back to an equal product."""
    document = {"name": product.name, "offer": _write(product.offer), "repayment": _write(product.repayment)}
    # The rows of loans are as they were before there were card accounts.
    return document if product.card is None else {**document, "card": _write(product.card)}


# --- the shape ---


def _read(kind: Any, value: Any, path: str) -> Any:
    """One value of the document as the type its dataclass declares."""
    origin = get_origin(kind)
    if origin is UnionType:
        (inner,) = (option for option in get_args(kind) if option is not NoneType)
        return None if value is None else _read(inner, value, path)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, path)
    if is_dataclass(kind):
        return _read_dataclass(kind, value, path)
    if kind is Decimal:
        return _read_decimal(value, path)
    if issubclass(kind, StrEnum):
        return _read_choice(kind, value, path)
    # A truth value is an int to Python and never a number of paise to us.
    if type(value) is not kind or value == "":
        raise InvalidTerms(f"{path} must be a {_SPOKEN[kind]}", field=path)
    return value


_SPOKEN = {int: "whole number", bool: "truth value", str: "text"}


@cache
def _declared(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((item, hints[item.name]) for item in fields(kind) if item.init)


def _read_dataclass(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidTerms(f"{path} must be an object", field=path)
    declared = _declared(kind)
    body = _known_keys(value, allowed={item.name for item, _ in declared}, path=f"{path}.")
    read = {}
    for item, hint in declared:
        inner = f"{path}.{item.name}"
        if item.name in body:
            read[item.name] = _read(hint, body[item.name], inner)
        elif item.default is MISSING:
            raise InvalidTerms(f"{inner} is missing", field=inner)
    return kind(**read)


def _known_keys(value: Mapping[str, Any], *, allowed: set[str], path: str) -> Mapping[str, Any]:
    if unknown := sorted(str(key) for key in value if key not in allowed):
        # Its name comes from outside and is not repeated beyond the first, which is where somebody has to look.
        raise InvalidTerms("terms have no such field", field=f"{path}{unknown[0][:60]}")
    return value


def _read_tuple(kinds: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise InvalidTerms(f"{path} must be a list", field=path)
    each = (kinds[0],) * len(value) if kinds[-1] is Ellipsis else kinds
    if len(each) != len(value):
        raise InvalidTerms(f"{path} has {len(each)} entries", field=path)
    return tuple(
        _read(kind, entry, f"{path}.{position}") for position, (kind, entry) in enumerate(zip(each, value, strict=True))
    )


def _read_decimal(value: Any, path: str) -> Decimal:
    if not isinstance(value, str) or not value.isascii() or "_" in value:
        raise InvalidTerms(f"{path} must be a decimal number written as text", field=path)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise InvalidTerms(f"{path} must be a decimal number written as text", field=path) from None
    # Rates are stored with eight decimals; the size keeps 1e999999 from becoming a million digits.
    if not number.is_finite() or number.copy_abs() > MAX_RATE_PERCENT or number != number.quantize(Decimal("1e-8")):
        raise InvalidTerms(f"{path} is at most {MAX_RATE_PERCENT}, with at most eight decimals", field=path)
    return number


def _read_choice(kind: type[StrEnum], value: Any, path: str) -> StrEnum:
    if not isinstance(value, str) or value not in {choice.value for choice in kind}:
        raise InvalidTerms(f"{path} is one of {', '.join(choice.value for choice in kind)}", field=path)
    return kind(value)


def _write(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _write(getattr(value, item.name)) for item in fields(value) if item.init}
    if isinstance(value, tuple):
        return [_write(entry) for entry in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.value if isinstance(value, StrEnum) else value


# --- the sense ---

#: A rule that terms must keep: whether they do, the place of the term, and the rule in words.
Rule = tuple[bool, str, str]


def check_product(product: Product) -> None:
    """Refuse terms that are well formed and make no sense. Raises InvalidTerms."""
    for holds, place, words in rules(product):
        if not holds:
            raise InvalidTerms(f"{place}: {words}", field=place)


def rules(product: Product) -> Iterator[Rule]:
    """Every rule, in order; a later one may assume that those before hold."""
    yield from _offer_rules(product.offer)
    yield from _slab_rules(product.offer)
    yield from _repayment_rules(product.repayment)
    yield from charge_rules(product.repayment)
    if product.card is not None:
        yield from card_rules(product.card)


def _offer_rules(offer: OfferTerms) -> Iterator[Rule]:
    least, most = offer.amount_paise
    upper = MAX_PAISE if most is None else most
    yield 1 <= least <= upper <= MAX_PAISE, "offer.amount_paise", "from 1 to 10^13, the smaller one first"
    shortest, longest = offer.tenure
    in_order = 1 <= shortest <= longest <= MAX_INSTALMENTS
    yield in_order, "offer.tenure", f"from 1 to {MAX_INSTALMENTS}, the smaller one first"
    lowest, highest = offer.rate_bounds_percent
    yield 0 <= lowest <= highest, "offer.rate_bounds_percent", "from 0 upwards, the lower one first"
    rate = offer.annual_rate_percent
    yield rate is None or lowest <= rate <= highest, "offer.annual_rate_percent", "within rate_bounds_percent"
    yield most is not None or offer.bound_to_limit, "offer.amount_paise", "null only where bound_to_limit is true"
    count = offer.active_loans_at_most
    yield count is None or count >= 1, "offer.active_loans_at_most", "1 or more"
    yield offer.minimum_score is None or offer.minimum_score >= 0, "offer.minimum_score", "0 or more"
    income = offer.minimum_income_paise
    yield income is None or 0 <= income <= MAX_PAISE, "offer.minimum_income_paise", "from 0 to 10^13"
    cap = offer.emi_cap_percent
    yield cap is None or 0 < cap <= _HUNDRED, "offer.emi_cap_percent", "above 0, at most 100"
    first = offer.first_due_days
    in_order = first is None or 1 <= first[0] <= first[1] <= _MAX_DUE_AFTER_DAYS
    yield in_order, "offer.first_due_days", f"from 1 to {_MAX_DUE_AFTER_DAYS}, the smaller one first"
    steps = [rhythm.every for rhythm in offer.rhythms]
    yield all(1 <= step <= MAX_INSTALMENTS for step in steps), "offer.rhythms", f"every from 1 to {MAX_INSTALMENTS}"
    partner = offer.co_lending
    named = partner is None or 1 <= len(partner.partner.strip()) <= _MOST_NAME
    yield named, "offer.co_lending.partner", f"a name of at most {_MOST_NAME} characters"
    shares = partner is None or 0 < partner.partner_share_percent < _HUNDRED
    yield shares, "offer.co_lending.partner_share_percent", "above 0, below 100"
    chooses = first is not None or bool(offer.rhythms)
    yield not (chooses and offer.waits_for_score), "offer.rhythms", "no choice where an application waits for a score"


def _slab_rules(offer: OfferTerms) -> Iterator[Rule]:
    place = "offer.rate_slabs"
    edges = [(slab.above, not slab.inclusive) for slab in offer.rate_slabs]
    yield all(higher > lower for higher, lower in pairwise(edges)), place, "from the highest score to the lowest"
    floors = [slab.floor_percent or Decimal(0) for slab in offer.rate_slabs]
    yield floors == sorted(floors), place, "no lower floor for a lower score"
    highest = offer.rate_bounds_percent[1]
    yield all(floor <= highest for floor in floors), place, "no floor above rate_bounds_percent"


def _repayment_rules(terms: RepaymentTerms) -> Iterator[Rule]:
    yield 1 <= terms.every <= MAX_INSTALMENTS, "repayment.every", f"from 1 to {MAX_INSTALMENTS}"
    day = terms.due_day
    monthly = terms.frequency in (Frequency.MONTH, Frequency.YEAR)
    yield day is None or (monthly and 1 <= day <= 31), "repayment.due_day", "from 1 to 31, for months and years only"
    for name, rounding in (("emi_rounding", terms.emi_rounding), ("interest_rounding", terms.interest_rounding)):
        yield 1 <= rounding.unit_paise <= MAX_PAISE, f"repayment.{name}", "a unit from 1 to 10^13"
    mode = terms.interest_rounding.mode
    usable = mode not in (RoundingMode.LEVEL, RoundingMode.NONE)
    yield usable, "repayment.interest_rounding", "neither level nor none, which set an EMI"
    days = terms.due_after_days
    yield 0 <= days <= _MAX_DUE_AFTER_DAYS, "repayment.due_after_days", f"from 0 to {_MAX_DUE_AFTER_DAYS}"
    percent = terms.minimum_percent
    yield percent is None or 0 < percent <= _HUNDRED, "repayment.minimum_percent", "above 0, at most 100"
    order = sorted(terms.payment_order)
    yield order == sorted(Component), "repayment.payment_order", "charges, interest and principal, each once"
    charge = terms.late_charge
    amount = charge is None or 1 <= charge.amount_paise <= MAX_PAISE
    yield amount, "repayment.late_charge", "an amount from 1 to 10^13"
    tax = charge is None or 0 <= charge.gst_percent <= _HUNDRED
    yield tax, "repayment.late_charge", "GST from 0 to 100"
    grace = charge is None or 0 <= charge.grace_days <= MAX_GRACE_DAYS
    yield grace, "repayment.late_charge.grace_days", f"from 0 to {MAX_GRACE_DAYS}"
    rest = charge is None or 0 <= charge.tolerance_paise <= MAX_PAISE
    yield rest, "repayment.late_charge.tolerance_paise", "from 0 to 10^13"
    yield 0 <= terms.tolerance_paise <= MAX_PAISE, "repayment.tolerance_paise", "from 0 to 10^13"
    takes_more = not terms.takes_overpayment or terms.payment_policy is not PaymentPolicy.EXACT
    yield takes_more, "repayment.takes_overpayment", "false where payments are exact"
    small = not terms.closes_small_rest or terms.tolerance_paise > 0
    yield small, "repayment.closes_small_rest", "only with a tolerance_paise"
    yield 1 <= terms.cash_unit_paise <= MAX_PAISE, "repayment.cash_unit_paise", "from 1 to 10^13"
    leaving, place = terms.cooling_off_days, "repayment.cooling_off_days"
    yield leaving is None or 0 <= leaving <= _MOST_DAYS_TO_LEAVE, place, f"from 0 to {_MOST_DAYS_TO_LEAVE}"
    yield from _holiday_rules(terms)
    floats = terms.benchmark is None or terms.amortisation is not Amortisation.FLAT
    yield floats, "repayment.benchmark", "null on flat, whose interest is set for the whole term"


def _holiday_rules(terms: RepaymentTerms) -> Iterator[Rule]:
    off = list(terms.days_off)
    some = off == sorted(set(off)) and set(off) < set(range(7))
    yield some, "repayment.days_off", "weekdays 0 to 6 in order, not all"
    moves = terms.holiday_rule is not HolidayRule.UNCHANGED
    named = terms.holiday_calendar is not None or bool(off)
    yield moves == named, "repayment.holiday_rule", "with a holiday_calendar or days_off, and only then"
    # A bill's last day is counted from the instalment's date: it would not be a working day.
    yield not moves or terms.due_after_days == 0, "repayment.holiday_rule", "unchanged where due_after_days is above 0"
    apart = terms.frequency is not Frequency.DAY or terms.every >= 7
    yield not moves or apart, "repayment.holiday_rule", "unchanged where instalments are less than a week apart"

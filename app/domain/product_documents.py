"""A product as a JSON document, and back, without losing or guessing anything.

The terms of a product are one column of one immutable row. What is read from it decides about money, so reading is
strict: an unknown field, a missing one, a number where text is due or a term that contradicts another is refused by
name and place (`offer.tenure`), never repaired. Rates are written as decimal text, money as whole paise. The shape of
the document is the shape of the dataclasses; a field may be missing only where its dataclass gives a default, which is
how terms can grow without touching the rows already sold.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from app.domain.calendar import Frequency
from app.domain.errors import Invalid
from app.domain.money import MAX_PAISE, RoundingMode
from app.domain.products import Component, OfferTerms, Product, RepaymentTerms
from app.domain.schedule_terms import MAX_INSTALMENTS, MAX_RATE_PERCENT

_HUNDRED = Decimal(100)
#: A period of grace longer than a year is a mistake.
_MAX_DUE_AFTER_DAYS = 366


class InvalidTerms(Invalid):
    """The document does not describe a product. Correct the term that `field` names."""

    code = "invalid_terms"


def parse_product(code: str, version: int, document: Mapping[str, Any]) -> Product:
    """The product that a row describes. Raises InvalidTerms naming the field."""
    if not isinstance(document, Mapping):
        raise InvalidTerms("terms are an object", field="terms")
    body = _known_keys(document, allowed={"name", "offer", "repayment"}, path="")
    product = Product(
        code=code,
        version=version,
        name=_read(str, body.get("name"), "name"),
        offer=_read(OfferTerms, body.get("offer"), "offer"),
        repayment=_read(RepaymentTerms, body.get("repayment"), "repayment"),
    )
    check_product(product)
    return product


def product_document(product: Product) -> dict[str, Any]:
    """The document of a product's row: what `parse_product` reads back to an equal product."""
    return {"name": product.name, "offer": _write(product.offer), "repayment": _write(product.repayment)}


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
        raise InvalidTerms(f"{path} is a {_SPOKEN[kind]}", field=path)
    return value


_SPOKEN = {int: "whole number", bool: "truth value", str: "text"}


@cache
def _declared(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((item, hints[item.name]) for item in fields(kind) if item.init)


def _read_dataclass(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidTerms(f"{path} is an object", field=path)
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
        raise InvalidTerms(f"{path} is a list", field=path)
    each = (kinds[0],) * len(value) if kinds[-1] is Ellipsis else kinds
    if len(each) != len(value):
        raise InvalidTerms(f"{path} has {len(each)} entries", field=path)
    return tuple(
        _read(kind, entry, f"{path}.{position}") for position, (kind, entry) in enumerate(zip(each, value, strict=True))
    )


def _read_decimal(value: Any, path: str) -> Decimal:
    if not isinstance(value, str) or not value.isascii() or "_" in value:
        raise InvalidTerms(f"{path} is a decimal number written as text", field=path)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise InvalidTerms(f"{path} is a decimal number written as text", field=path) from None
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


def check_product(product: Product) -> None:
    """Refuse terms that are well formed and make no sense. Raises InvalidTerms."""
    _check_offer(product.offer)
    _check_slabs(product.offer)
    _check_repayment(product.repayment)


def _must(holds: bool, field: str, rule: str) -> None:
    if not holds:
        raise InvalidTerms(f"{field}: {rule}", field=field)


def _check_offer(offer: OfferTerms) -> None:
    least, most = offer.amount_paise
    upper = MAX_PAISE if most is None else most
    _must(1 <= least <= upper <= MAX_PAISE, "offer.amount_paise", "a lower and an upper bound of a positive amount")
    shortest, longest = offer.tenure
    _must(1 <= shortest <= longest <= MAX_INSTALMENTS, "offer.tenure", f"two bounds within 1 and {MAX_INSTALMENTS}")
    lowest, highest = offer.rate_bounds_percent
    _must(0 <= lowest <= highest, "offer.rate_bounds_percent", "a lower and an upper bound")
    rate = offer.annual_rate_percent
    _must(rate is None or lowest <= rate <= highest, "offer.annual_rate_percent", "lies within the rate bounds")
    _must(most is not None or offer.bound_to_limit, "offer.amount_paise", "without an upper bound the limit must bind")
    count = offer.active_loans_at_most
    _must(count is None or count >= 1, "offer.active_loans_at_most", "at least one")
    _must(offer.minimum_score is None or offer.minimum_score >= 0, "offer.minimum_score", "not negative")
    income = offer.minimum_income_paise
    _must(income is None or 0 <= income <= MAX_PAISE, "offer.minimum_income_paise", "an amount")
    cap = offer.emi_cap_percent
    _must(cap is None or 0 < cap <= _HUNDRED, "offer.emi_cap_percent", "more than zero, at most 100")


def _check_slabs(offer: OfferTerms) -> None:
    edges = [(slab.above, not slab.inclusive) for slab in offer.rate_slabs]
    falling = all(higher > lower for higher, lower in pairwise(edges))
    _must(falling, "offer.rate_slabs", "from the highest score to the lowest")
    floors = [slab.floor_percent or Decimal(0) for slab in offer.rate_slabs]
    _must(floors == sorted(floors), "offer.rate_slabs", "a lower score never has a lower floor")
    _must(
        all(floor <= offer.rate_bounds_percent[1] for floor in floors), "offer.rate_slabs", "floors within the bounds"
    )


def _check_repayment(terms: RepaymentTerms) -> None:
    _must(1 <= terms.every <= MAX_INSTALMENTS, "repayment.every", "at least one")
    day = terms.due_day
    monthly = terms.frequency in (Frequency.MONTH, Frequency.YEAR)
    _must(day is None or (monthly and 1 <= day <= 31), "repayment.due_day", "1 to 31, for months and years only")
    for name, rounding in (("emi_rounding", terms.emi_rounding), ("interest_rounding", terms.interest_rounding)):
        _must(1 <= rounding.unit_paise <= MAX_PAISE, f"repayment.{name}", "a unit of at least one paisa")
    mode = terms.interest_rounding.mode
    _must(mode not in (RoundingMode.LEVEL, RoundingMode.NONE), "repayment.interest_rounding", "rounds one figure")
    _must(0 <= terms.due_after_days <= _MAX_DUE_AFTER_DAYS, "repayment.due_after_days", "0 to 366 days")
    percent = terms.minimum_percent
    _must(percent is None or 0 < percent <= _HUNDRED, "repayment.minimum_percent", "more than zero, at most 100")
    order = sorted(terms.payment_order)
    _must(order == sorted(Component), "repayment.payment_order", "charges, interest and principal, each once")
    charge = terms.late_charge
    _must(charge is None or 1 <= charge.amount_paise <= MAX_PAISE, "repayment.late_charge", "a positive amount")
    _must(charge is None or 0 <= charge.gst_percent <= _HUNDRED, "repayment.late_charge", "GST of 0 to 100 percent")
    _must(0 <= terms.tolerance_paise <= MAX_PAISE, "repayment.tolerance_paise", "not negative")

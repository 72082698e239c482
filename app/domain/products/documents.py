"""Converts a product to a JSON document and back, without loss.

The terms of a product are one column of a row that never changes. They decide about money, so reading is strict: an
unknown field, a missing field, a wrong type or a contradiction is refused with the path of the field (`offer.tenure`),
and never repaired. Rates are decimal text, money is whole paise. The document has the structure of the dataclasses. A
field may be missing only if its dataclass has a default, so that new fields do not break stored rows.
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
from app.domain.products.products import Component, OfferTerms, Product, RepaymentTerms
from app.domain.schedules.terms import MAX_INSTALMENTS, MAX_RATE_PERCENT

_HUNDRED = Decimal(100)
#: More than a year between billing and due date is a mistake.
_MAX_DUE_AFTER_DAYS = 366


class InvalidTerms(Invalid):
    """The document is not a valid product. `field` is the path of the wrong field."""

    code = "invalid_terms"


def parse_product(code: str, version: int, document: Mapping[str, Any]) -> Product:
    """The product of a stored document. Raises InvalidTerms, with the path of the wrong field."""
    if not isinstance(document, Mapping):
        raise InvalidTerms("the terms must be an object", field="terms")
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
    """The document of a product. `parse_product` gives an equal product back."""
    return {"name": product.name, "offer": _write(product.offer), "repayment": _write(product.repayment)}


# --- the structure ---


def _read(kind: Any, value: Any, path: str) -> Any:
    """A value of the document, as the type that the dataclass declares. Raises InvalidTerms."""
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
    # In Python a boolean is an int, so the type is compared exactly.
    if type(value) is not kind or value == "":
        raise InvalidTerms(f"{path} must be a {_TYPE_NAMES[kind]}", field=path)
    return value


_TYPE_NAMES = {int: "whole number", bool: "truth value", str: "text"}


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
        # The names come from the caller, so only the first is repeated, and at most 60 characters of it.
        raise InvalidTerms("terms have no such field", field=f"{path}{unknown[0][:60]}")
    return value


def _read_tuple(kinds: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise InvalidTerms(f"{path} must be a list", field=path)
    each = (kinds[0],) * len(value) if kinds[-1] is Ellipsis else kinds
    if len(each) != len(value):
        raise InvalidTerms(f"{path} must have {len(each)} entries", field=path)
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
    # Rates are stored with eight decimals. The size is checked first, so that 1e999999 is not expanded.
    if not number.is_finite() or number.copy_abs() > MAX_RATE_PERCENT or number != number.quantize(Decimal("1e-8")):
        raise InvalidTerms(f"{path} must be at most {MAX_RATE_PERCENT}, with at most eight decimals", field=path)
    return number


def _read_choice(kind: type[StrEnum], value: Any, path: str) -> StrEnum:
    if not isinstance(value, str) or value not in {choice.value for choice in kind}:
        raise InvalidTerms(f"{path} must be one of {', '.join(choice.value for choice in kind)}", field=path)
    return kind(value)


def _write(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _write(getattr(value, item.name)) for item in fields(value) if item.init}
    if isinstance(value, tuple):
        return [_write(entry) for entry in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.value if isinstance(value, StrEnum) else value


# --- the values ---


def check_product(product: Product) -> None:
    """Checks the values of terms that have the right structure. Raises InvalidTerms."""
    _check_offer(product.offer)
    _check_slabs(product.offer)
    _check_repayment(product.repayment)


def _require(holds: bool, field: str, rule: str) -> None:
    if not holds:
        raise InvalidTerms(f"{field}: {rule}", field=field)


def _check_offer(offer: OfferTerms) -> None:
    least, most = offer.amount_paise
    upper = MAX_PAISE if most is None else most
    _require(1 <= least <= upper <= MAX_PAISE, "offer.amount_paise", "must be two positive bounds, the lower first")
    shortest, longest = offer.tenure
    _require(
        1 <= shortest <= longest <= MAX_INSTALMENTS,
        "offer.tenure",
        f"must be two bounds from 1 to {MAX_INSTALMENTS}, the lower first",
    )
    lowest, highest = offer.rate_bounds_percent
    _require(0 <= lowest <= highest, "offer.rate_bounds_percent", "must be two bounds, the lower first")
    rate = offer.annual_rate_percent
    _require(rate is None or lowest <= rate <= highest, "offer.annual_rate_percent", "must be within the rate bounds")
    _require(
        most is not None or offer.bound_to_limit,
        "offer.amount_paise",
        "must have an upper bound, or a product that is bound to the limit",
    )
    count = offer.active_loans_at_most
    _require(count is None or count >= 1, "offer.active_loans_at_most", "must be at least one")
    _require(offer.minimum_score is None or offer.minimum_score >= 0, "offer.minimum_score", "must not be negative")
    income = offer.minimum_income_paise
    _require(income is None or 0 <= income <= MAX_PAISE, "offer.minimum_income_paise", "must be an amount")
    cap = offer.emi_cap_percent
    _require(cap is None or 0 < cap <= _HUNDRED, "offer.emi_cap_percent", "must be above 0 and at most 100")


def _check_slabs(offer: OfferTerms) -> None:
    edges = [(slab.above, not slab.inclusive) for slab in offer.rate_slabs]
    falling = all(higher > lower for higher, lower in pairwise(edges))
    _require(falling, "offer.rate_slabs", "must be in order, the highest score first")
    floors = [slab.floor_percent or Decimal(0) for slab in offer.rate_slabs]
    _require(floors == sorted(floors), "offer.rate_slabs", "a lower score must not have a lower floor")
    _require(
        all(floor <= offer.rate_bounds_percent[1] for floor in floors),
        "offer.rate_slabs",
        "floors must be within the rate bounds",
    )


def _check_repayment(terms: RepaymentTerms) -> None:
    _require(1 <= terms.every <= MAX_INSTALMENTS, "repayment.every", "must be at least one")
    day = terms.due_day
    monthly = terms.frequency in (Frequency.MONTH, Frequency.YEAR)
    _require(
        day is None or (monthly and 1 <= day <= 31), "repayment.due_day", "must be 1 to 31, for months and years only"
    )
    for name, rounding in (("emi_rounding", terms.emi_rounding), ("interest_rounding", terms.interest_rounding)):
        _require(1 <= rounding.unit_paise <= MAX_PAISE, f"repayment.{name}", "the unit must be at least one paisa")
    mode = terms.interest_rounding.mode
    _require(
        mode not in (RoundingMode.LEVEL, RoundingMode.NONE), "repayment.interest_rounding", "must not be level or none"
    )
    _require(0 <= terms.due_after_days <= _MAX_DUE_AFTER_DAYS, "repayment.due_after_days", "must be 0 to 366 days")
    percent = terms.minimum_percent
    _require(percent is None or 0 < percent <= _HUNDRED, "repayment.minimum_percent", "must be above 0 and at most 100")
    order = sorted(terms.payment_order)
    _require(
        order == sorted(Component), "repayment.payment_order", "must have charges, interest and principal, each once"
    )
    charge = terms.late_charge
    _require(
        charge is None or 1 <= charge.amount_paise <= MAX_PAISE, "repayment.late_charge", "must be a positive amount"
    )
    _require(
        charge is None or 0 <= charge.gst_percent <= _HUNDRED, "repayment.late_charge", "GST must be 0 to 100 percent"
    )
    _require(0 <= terms.tolerance_paise <= MAX_PAISE, "repayment.tolerance_paise", "must not be negative")

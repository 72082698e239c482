"""Every term of a product's document: what `POST /api/v1/products` takes as `terms`.

Names, types, choices and defaults are those of the dataclasses; meaning and source stand in the comment above each
field; bounds are the words of the rules that refuse terms.
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field, is_dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin

from app.commands.reference.tables import page, table
from app.domain.products.card_terms import CardTerms
from app.domain.products.charge_terms import (
    BounceCharge,
    ChargeTerms,
    DisbursalFee,
    FeePaid,
    PenalRate,
    PrepaymentCharge,
)
from app.domain.products.documents import rules
from app.domain.products.products import OfferTerms, RepaymentTerms
from app.domain.products.seeded import CREDIT_CARD_LOAN, REVOLVING_CARD
from app.domain.schedules.terms import MAX_RATE_PERCENT
from app.services.products.terms import described

TYPES: Final = {int: "whole number", str: "text", bool: "true or false", Decimal: "decimal as text"}
#: What a name ends with says the unit of its value.
UNITS: Final = {"_paise": "paise", "percent": "percent", "_days": "days", "tenure": "instalments"}

INTRODUCTION: Final = f"""\
The document of a version of a product is `{{"name", "offer", "repayment"}}`, with `"card"` for a card account:
`POST /api/v1/products` takes it as `terms`, and `GET /api/v1/products` shows it. A new version is an insert; a loan
keeps the version it was made under.

Money is whole paise. Decimals are text (`"10.5"`), at most {MAX_RATE_PERCENT}, with at most eight decimals; rates are
percent a year. A term without a default must be given; "null" in the type means that the term may be null. Any other
field is refused with `invalid_terms`. "Source system N" is one of the five older systems ([sources.md](../sources.md));
a term without a source is Kist's own."""
NAME: Final = ("`name`", "text", "", "", "", "What customers see.", "")


_NONE: Final = Decimal(0)
#: A product with every charge, so that the rules of each are found.
_CHARGED: Final = replace(
    CREDIT_CARD_LOAN,
    repayment=replace(
        CREDIT_CARD_LOAN.repayment,
        charges=ChargeTerms(
            disbursal=(DisbursalFee(name="fee", paid=FeePaid.DEDUCTED),),
            bounce=BounceCharge(amount_paise=0),
            prepayment=PrepaymentCharge(part_percent=_NONE, foreclosure_percent=_NONE),
            penal_rate=PenalRate(annual_percent=_NONE),
        ),
    ),
)


def product_terms() -> str:
    """The page docs/reference/product-terms.md."""
    header = ("term", "type", "unit", "allowed", "default", "meaning", "source")
    return page(
        "Terms of a product",
        INTRODUCTION,
        table(header, [NAME]),
        "## What may be applied for",
        table(header, _rows(OfferTerms, "offer")),
        "## How a loan is planned, billed and paid",
        table(header, _rows(RepaymentTerms, "repayment")),
        "## How a card account bears interest, is billed and is paid",
        table(header, _rows(CardTerms, "card")),
    )


def _rows(kind: Any, path: str) -> Iterator[tuple[str, ...]]:
    for item, hint, meaning, source in described(kind):
        place = f"{path}.{item.name}"
        unit = next((unit for end, unit in UNITS.items() if item.name.endswith(end)), "")
        yield f"`{place}`", _type(hint), unit, _allowed(place, hint), _default(item), meaning, source
        inner = next((part for part in _parts(hint) if is_dataclass(part)), None)
        if inner is not None:
            yield from _rows(inner, f"{place}[]" if get_origin(hint) is tuple else place)


def _parts(hint: Any) -> Iterator[Any]:
    """The types within a type: of a tuple, of a union, or itself."""
    for part in get_args(hint) or (hint,):
        yield from _parts(part) if get_args(part) else (part,)


def _type(hint: Any) -> str:
    if get_origin(hint) is UnionType:
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        return f"{_type(inner)} or null"
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        many = parts[-1] is Ellipsis
        return f"list of {_type(parts[0])}" if many else f"[{', '.join(_type(part) for part in parts)}]"
    if is_dataclass(hint):
        return "object"
    return TYPES.get(hint, "text")


def _allowed(place: str, hint: Any) -> str:
    choices = [f"`{one.value}`" for part in _parts(hint) if _is_choice(part) for one in part]
    examples = (CREDIT_CARD_LOAN, REVOLVING_CARD, _CHARGED)
    place = place.replace("[]", ".0") if ".charges." in place else place
    words = [words for example in examples for _, of, words in rules(example) if of == place]
    words = list(dict.fromkeys(words))
    return "; ".join([*([", ".join(choices)] if choices else []), *words])


def _is_choice(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, StrEnum)


def _default(item: Field[Any]) -> str:
    if item.default is MISSING:
        return ""
    return "null" if item.default is None else str(item.default)

"""The types of request and answer fields.

Only this module converts money. A request gives rupees as a JSON number or as decimal text, with at most two decimals.
They become whole paise and are never a binary fraction, because `app/api/routing.py` reads JSON numbers as decimals.
An answer writes paise as a number of rupees. Unknown fields are refused, true and false are not numbers, dates are ISO
dates, and no message repeats what the client sent.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    SecretStr,
    StringConstraints,
)
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from app.api import json_schemas
from app.api.json_schemas import ORIGIN
from app.domain.errors import DomainError
from app.domain.money import rupees_to_paise

Row = TypeVar("Row")
Value = TypeVar("Value")

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RATE_DECIMALS = 8


class Documented(BaseModel):
    """A model that tells the OpenAPI document where it is defined, so that its name there follows from its surface."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        origin: dict[str, Any] = {"module": cls.__module__, "name": cls.__name__, "is_body": issubclass(cls, Body)}
        if rows := cls.__pydantic_generic_metadata__["args"]:
            origin |= {"module": rows[0].__module__, "name": f"{rows[0].__name__}{cls.__name__.partition('[')[0]}"}
        written = handler.resolve_ref_schema(schema)
        if examples := written.pop("examples", None):
            # As text, because FastAPI removes every null from a document, also from an example.
            origin["examples"] = json.dumps(examples)
        written[ORIGIN] = origin
        return schema


class Body(Documented):
    """A request's body. Unknown fields are refused, and the object is frozen. A default is written as a client would
    write it (an amount in rupees) and is validated like one, so the documented default is the real one."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, validate_default=True)


class Answer(Documented):
    """An answer's body. `from_attributes` makes it from an object of the domain."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def example(fields: JsonDict) -> ConfigDict:
    """The configuration of a body with this example in the OpenAPI document. A test sends each of them."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


CursorText = Annotated[
    str | None,
    Query(max_length=60, pattern=r"^[0-9_-]+$", description="The `next_cursor` of the page before"),
]
PageLimit = Annotated[int, Query(ge=1, le=200, description="The most rows to answer")]


class ProblemAnswer(Answer):
    """A refusal with fields of its own. It is sent, and documented, as problem+json like every other."""


class Page(Answer, Generic[Row]):
    """One page of a list. Send `next_cursor` as `cursor` to get the next page; it is null on the last page."""

    items: list[Row]
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` to get the next page; null on the last page"
    )


def refusal(error: DomainError) -> PydanticCustomError:
    """A domain error about one field as an error of pydantic, with the same code and sentence."""
    return PydanticCustomError(error.code, "{sentence}", {"sentence": error.message})


# --- money -----------------------------------------------------------------------------------------------------------


def _paise(value: object) -> int:
    # A float means that the body was not read by `read_json`: its paise may be wrong already.
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError("not_an_amount", "an amount is a number of rupees")
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,4})?", text):
        raise PydanticCustomError("not_an_amount", "an amount is a number of rupees, such as 1234.50")
    try:
        return rupees_to_paise(text)
    except DomainError as error:
        raise refusal(error) from None


def _positive_paise(value: object) -> int:
    paise = _paise(value)
    if paise <= 0:
        raise PydanticCustomError("amount_not_positive", "an amount must be more than 0")
    return paise


def _paise_or_zero(value: object) -> int:
    paise = _paise(value)
    if paise < 0:
        raise PydanticCustomError("amount_negative", "an amount must not be negative")
    return paise


def in_rupees(paise: int) -> float:
    """An amount as an answer writes it."""
    # A double keeps 15 digits, so JSON's shortest spelling of it has exactly our two decimals.
    assert abs(paise) < 10**15, "the amount is more than 1e13 rupees"
    return paise / 100


#: In: rupees as a number or text, more than 0, at most 1e11. The value is whole paise.
Rupees = Annotated[
    int,
    BeforeValidator(_positive_paise),
    PlainSerializer(in_rupees, return_type=float),  # writes the defaults of a nested body in the document
    json_schemas.AMOUNT,
]
#: In: the same, and 0 is allowed (an income, a down payment).
RupeesOrZero = Annotated[int, BeforeValidator(_paise_or_zero), json_schemas.AMOUNT_OR_ZERO]
#: Out: whole paise, written as a number of rupees.
RupeesOut = Annotated[
    int,
    PlainSerializer(in_rupees, return_type=float),
    json_schemas.AMOUNT_OUT,
]

#: Out: the figures that a rule compared.
FiguresOut = Annotated[
    dict[str, Any],
    json_schemas.FIGURES_OUT,
]


# --- rates, counts, dates --------------------------------------------------------------------------------------------


def _rate(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError("not_a_rate", "a rate is a number: percent a year")
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,8})?", value.strip()):
        raise PydanticCustomError("not_a_rate", "a rate is a number such as 10.5: percent a year")
    try:
        rate = Decimal(value)
    except InvalidOperation:
        raise PydanticCustomError("not_a_rate", "a rate is a number: percent a year") from None
    if not rate.is_finite() or not 0 <= rate <= 100:
        raise PydanticCustomError("rate_out_of_range", "a rate must be from 0 to 100 percent a year")
    exponent = rate.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > RATE_DECIMALS:
        raise PydanticCustomError("rate_too_precise", "a rate must have at most eight decimals")
    return rate


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # A query parameter is text, and JSON may write a whole number as 12.0.
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, Decimal) and abs(value) < 10**18 and value == value.to_integral_value():
        return int(value)
    raise PydanticCustomError("not_a_whole_number", "must be a whole number")


def _iso_date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("not_a_date", "the calendar has no such day") from None
        # Within these years every computed date stays in the calendar.
        if 1900 <= found.year <= 2200:
            return found
        raise PydanticCustomError("date_out_of_range", "a date must be in the years 1900 to 2200")
    raise PydanticCustomError("not_a_date", "a date must be written as 2026-12-21")


#: In: percent a year, 0 to 100, at most eight decimals. The product may allow a smaller range.
RatePercent = Annotated[
    Decimal,
    BeforeValidator(_rate),
    json_schemas.RATE,
]
#: Out: percent as a number.
RateOut = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float),
    json_schemas.RATE_OUT,
]


#: Out: a computed annual percentage rate, which has no upper bound of its own.
AprOut = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float),
    json_schemas.APR_OUT,
]


@dataclass(frozen=True, slots=True)
class Between:
    """The bounds of a `Whole`, both included. They apply to the integer schema inside it. `Field(ge=..., le=...)` would
    apply to the validator around it and be documented as `ge` and `le`, which JSON Schema does not know."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        assert schema["type"] == "function-before", "Between is for a Whole"
        within = schema["schema"]
        assert within["type"] == "int", "Between is for a Whole"
        return {**schema, "schema": {**within, "ge": self.least, "le": self.most}}


#: In: an integer. 12.0 is read as 12; true is refused. With bounds: `Annotated[Whole, Between(1, 360)]`.
Whole = Annotated[int, BeforeValidator(_whole)]
#: In and out: a day, only in the form `2026-12-21`.
Day = Annotated[
    date,
    BeforeValidator(_iso_date),
    json_schemas.DAY,
]


# --- text ------------------------------------------------------------------------------------------------------------


def _clean(value: object) -> object:
    if isinstance(value, str) and any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise PydanticCustomError("text_not_clean", "the text must not hold control characters")
    return value


#: `Line` is one line of text without control characters. `Code` is a name such as a payment method or a product code.
Line = Annotated[str, BeforeValidator(_clean), StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


def _reference(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(REFERENCE, value):
        sentence = (
            "a reference has 1 to 100 letters, digits, spaces or . _ - / : # * @, and must not begin with a space"
        )
        raise PydanticCustomError("not_a_reference", sentence)
    return value


REFERENCE = r"[A-Za-z0-9._/:#*@-][A-Za-z0-9 ._/:#*@-]{0,99}"
#: The name of a payment in another system: a UTR, a cheque number.
Reference = Annotated[str, BeforeValidator(_reference), StringConstraints(pattern=f"^{REFERENCE}$")]
Password = Annotated[SecretStr, Field(min_length=8, max_length=128)]
Email = Annotated[EmailStr, Field(max_length=254)]
